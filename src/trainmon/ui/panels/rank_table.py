"""The ranks in numbers: where each runs, its times, its loss, its gradients."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from trainmon.ranks.clocks import skew
from trainmon.ranks.side_by_side import medians
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.cells import Part, codes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.ranks.rank_folding import Troubles, troubles
from trainmon.ui.ranks.rank_measures import (
    STRAGGLING,
    WORK_TIME,
    RankChoice,
    alone,
    level,
    measures_of,
    place_of,
)
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_SKEWED = 2.0
"""Seconds by which a host's clock is told to be another: less is how ranks log."""


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
    folds = choice.rank < 0 and len(run.lanes) > rows
    found = troubles(run)
    lanes = _in_need(run, found)[:rows] if folds else run.lanes[first : first + rows]
    grid, col = Grid(height, width), 4
    for place, column in enumerate(_columns(run, lanes)):
        cells = [column.told(lane) for lane in lanes]
        col += max(len(codes(text)) for text in (column.heading, *cells))
        if place and col > width - 2:
            break
        grid.right(1, col, column.heading, Ink.DIM)
        for row, (lane, text) in enumerate(zip(lanes, cells, strict=True), start=2):
            marked = lane is run.lanes[here] and not folds
            grid.right(row, col, text, Ink.STRONG if marked else Ink.TEXT)
        col += 2
    for row, lane in enumerate(lanes, start=2):
        if finding := found.get(lane.rank):
            grid.write(row, 2, finding.severity.glyph, ink_of(finding))
    if folds:
        title = [("the worst ranks", Ink.TITLE)]
    border(grid, title, [[("medians of the last steps", Ink.DIM)]], focus=focus)
    return grid


def _in_need(run: RunView, found: Troubles) -> list[LaneView]:
    """Return the ranks in trouble, and then those that need longest for their part of a step."""
    own = next((each.metric for each in measures_of(run) if each.title == WORK_TIME), None)
    places = {rank: place for place, rank in enumerate(found)}
    if own is None:
        return sorted(run.lanes, key=lambda lane: places.get(lane.rank, len(places)))
    times = {lane.rank: np.nan_to_num(level(lane, own)) for lane in run.lanes}
    return sorted(
        run.lanes, key=lambda lane: (places.get(lane.rank, len(places)), -times[lane.rank])
    )


def _columns(run: RunView, lanes: Sequence[LaneView]) -> list[_Column]:
    """Return the columns that there is something to tell in."""
    columns = [_Column("rank", lambda lane: str(lane.rank))]
    measures = measures_of(run)
    own = next((each for each in measures if each.title == WORK_TIME), None)
    if own:
        middle = float(medians(np.array([level(lane, own.metric) for lane in run.lanes])))
        columns.append(_Column("x middle", _times(own.metric, middle)))
    columns += [_Column(each.heading, _newest(each.metric, each.spelled)) for each in measures]
    apart = {lane.rank: skew(lane, run.lead) for lane in lanes}
    if any(abs(seconds) >= _SKEWED for seconds in apart.values()):
        columns.append(_Column("clock", lambda lane: _clock(apart[lane.rank])))
    for heading, key in (("host", "host"), ("GPU", "gpu")):
        if any(key in place_of(lane) for lane in lanes):
            columns.append(_Column(heading, _where(key)))
    return columns


def _clock(apart: float) -> str:
    return f"{apart:+.0f} s" if abs(apart) >= _SKEWED else ""


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
