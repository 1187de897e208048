"""The ranks in numbers: where each runs, its times, its loss, its gradients."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from trainmon.ranks.side_by_side import medians
from trainmon.store.lane import LaneView
from trainmon.ui.charts.cells import Part, codes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.plots import border, empty
from trainmon.ui.rank_measures import (
    STRAGGLING,
    WORK_TIME,
    RankChoice,
    alone,
    level,
    measures_of,
    place_of,
    slowest,
)
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of
from trainmon.view import RunView


class RankTablePanel(ChoicePanel[RankChoice]):
    """A line for each rank."""

    title = "rank by rank"
    choice = RankChoice()

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: numbers, which are the same however charts are drawn."""
        return scene.state, self.choice

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the table in its box."""
        return draw_rank_table(scene, height, width, self.choice, focus=self.has_focus)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: its heading, and what stands in it."""

    heading: str
    told: Callable[[LaneView], str]


def draw_rank_table(
    scene: Scene, height: int, width: int, choice: RankChoice | None = None, *, focus: bool = False
) -> Grid:
    """Return the newest values of each rank of the run of a scene, medians over the last steps."""
    choice = choice or RankChoice()
    title: list[Part] = [("rank by rank", Ink.TITLE)]
    run = scene.run
    if run is None or alone(run):
        hint = "each rank's times, loss and gradients in numbers" if run else ""
        return empty(height, width, title, hint, focus=focus)
    here, rows = choice.place(run.lanes), max(height - 3, 0)
    first = max(0, min(here - rows // 2, len(run.lanes) - rows))
    lanes = run.lanes[first : first + rows]
    grid, col = Grid(height, width), 4
    straggler = slowest(run)
    finding = straggler.finding if straggler else None
    for place, column in enumerate(_columns(run, lanes)):
        cells = [column.told(lane) for lane in lanes]
        col += max(len(codes(text)) for text in (column.heading, *cells))
        if place and col > width - 2:
            break
        grid.right(1, col, column.heading, Ink.DIM)
        for row, (lane, text) in enumerate(zip(lanes, cells, strict=True), start=2):
            grid.right(row, col, text, Ink.STRONG if lane is run.lanes[here] else Ink.TEXT)
        col += 2
    for row, lane in enumerate(lanes, start=2):
        if finding and straggler and lane.rank == straggler.rank:
            grid.write(row, 2, finding.severity.glyph, ink_of(finding))
    border(grid, title, [[("medians of the last steps", Ink.DIM)]], focus=focus)
    return grid


def _columns(run: RunView, lanes: Sequence[LaneView]) -> list[_Column]:
    """Return the columns that there is something to tell in."""
    columns = [_Column("rank", lambda lane: str(lane.rank))]
    measures = measures_of(run)
    own = next((each for each in measures if each.title == WORK_TIME), None)
    if own:
        middle = float(medians(np.array([level(lane, own.metric) for lane in run.lanes])))
        columns.append(_Column("x middle", _times(own.metric, middle)))
    columns += [_Column(each.heading, _newest(each.metric, each.spelled)) for each in measures]
    for heading, key in (("host", "host"), ("GPU", "gpu")):
        if any(key in place_of(lane) for lane in lanes):
            columns.append(_Column(heading, _where(key)))
    return columns


def _times(metric: str, middle: float) -> Callable[[LaneView], str]:
    def told(lane: LaneView) -> str:
        times = level(lane, metric) / middle if middle > 0 else np.nan
        mark = "! " if times >= STRAGGLING else ""
        return f"{mark}{times:.2f}" if np.isfinite(times) else ""

    return told


def _newest(metric: str, spelled: Callable[[float], str]) -> Callable[[LaneView], str]:
    return lambda lane: spelled(level(lane, metric)) if metric in lane.series else ""


def _where(key: str) -> Callable[[LaneView], str]:
    def told(lane: LaneView) -> str:
        value = place_of(lane).get(key, "")
        return value if isinstance(value, str) else number(value)

    return told
