"""All ranks over the steps: a strip each of their times, their losses and their gradients."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.store.lane import LaneView
from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heatmap import draw_heatmap
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.cursor_panel import CursorPanel, pages_and_ends, up_and_down
from trainmon.ui.looking import told_place
from trainmon.ui.plots import border, empty
from trainmon.ui.rank_measures import (
    STRAGGLING,
    Measure,
    RankChoice,
    Slowest,
    alone,
    measures_of,
    slowest,
)
from trainmon.ui.rank_rows import strips_of
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_AXIS = 2
"""Rows of the axis below the last strip."""

_PAGE = 8
"""Ranks that a key for pages moves over: those of a host."""


class RankStripsPanel(CursorPanel, ChoicePanel[RankChoice]):
    """Heat strips of what the ranks tell, with a cursor on one of them."""

    title = "ranks"
    choice = RankChoice()
    page = _PAGE
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("rank"),
        *pages_and_ends("rank", "eight ranks"),
        Binding(
            "g", "measure", "times, losses", tooltip="of each rank the next: times, loss, gradients"
        ),
    ]

    @dataclass
    class Chosen(Message):
        """Another rank, or another measure of it, is looked at."""

        choice: RankChoice

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the strips in their box."""
        return draw_rank_strips(scene, height, width, self.choice, focus=self.has_focus)

    @property
    def count(self) -> int:
        """How many ranks there are."""
        return len(self._lanes)

    @property
    def place(self) -> int:
        """Where the chosen rank is among them."""
        return self.choice.place(self._lanes)

    def go(self, place: int) -> None:
        """Go to another rank."""
        self._choose(replace(self.choice, rank=self._lanes[place].rank))

    def place_under(self, row: int, col: int) -> int | None:
        """Return the rank whose strip is at a cell, in whichever measure."""
        del col
        run = self._scene.run if self._scene else None
        if run is None or len(run.lanes) <= 1:
            return None
        shown = _Shown.of(run, self.choice, self.size.height)
        place = (row - 2) % (shown.rows + 1) if shown.rows else shown.rows
        inside = 1 < row < 1 + len(shown.measures) * (shown.rows + 1)
        return shown.first + place if inside and place < shown.rows else None

    def action_measure(self) -> None:
        """Show the next measure of the ranks first."""
        run = self._scene.run if self._scene else None
        if run:
            self._choose(self.choice.next_measure(measures_of(run)))

    @property
    def _lanes(self) -> Sequence[LaneView]:
        return self._scene.run.lanes if self._scene and self._scene.run else ()

    def _choose(self, choice: RankChoice) -> None:
        self.look_at(choice)
        self.post_message(self.Chosen(choice))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What there is room for: some measures, and of each the ranks from `first` on."""

    measures: list[Measure]
    first: int
    rows: int

    @classmethod
    def of(cls, run: RunView, choice: RankChoice, height: int) -> "_Shown":
        """Return what a panel of this height shows."""
        room = height - 3 - _AXIS  # the borders, and the last line
        ordered, count = choice.ordered(measures_of(run)), len(run.lanes)
        rows = max(0, min(count, room - 1))
        whole = max(1, room // (count + 1))
        first = max(0, min(choice.place(run.lanes) - rows // 2, count - rows))
        return cls(ordered[:whole], first, rows)


def draw_rank_strips(
    scene: Scene, height: int, width: int, choice: RankChoice | None = None, *, focus: bool = False
) -> Grid:
    """Return the ranks of the run of a scene, as many measures of them as there is room for."""
    choice = choice or RankChoice()
    run, title = scene.run, list[Part]([("ranks", Ink.TITLE)])
    if run is None or alone(run) or not measures_of(run):
        hint = 'nothing that several ranks tell:\nlog.log({"work_time": seconds}) # in each'
        hint = (alone(run) or hint) if run else ""
        return empty(height, width, title, hint, focus=focus)
    shown, straggler = _Shown.of(run, choice, height), slowest(run)
    grid, row = Grid(height, width), 1
    selected = run.lanes[choice.place(run.lanes)].rank if focus else None
    lanes = run.lanes[shown.first : shown.first + shown.rows]
    for strip in strips_of(scene.settings, run, lanes, shown.measures, straggler, selected):
        is_last = strip.measure is shown.measures[-1]
        options = replace(strip.options, axis=is_last)
        heat = draw_heatmap(shown.rows + _AXIS * is_last, width - 4, strip.rows, options)
        ink = Ink.STRONG if strip.measure is shown.measures[0] else Ink.TITLE
        grid.write_parts(row, 2, shortened([(strip.measure.title, ink)], width - 4))
        if width_of(heat.legend) + len(strip.measure.title) + 2 <= width - 4:
            grid.write_parts(row, width - 2 - width_of(heat.legend), heat.legend)
        grid.paste(heat.grid, row + 1, 2)
        row += shown.rows + 1
    grid.write_parts(height - 2, 2, shortened(_who(straggler), width - 4))
    every = measures_of(run)
    if place := told_place(run, scene.settings):
        title.append((f"  at {place}", Ink.DIM))
    title += [(f"  {each.title}", Ink.DIM) for each in every if each not in shown.measures]
    title += [("  g", Ink.KEY)] if len(every) > 1 else []
    border(grid, title, [[(f"{len(run.lanes):,}", Ink.STRONG)]], focus=focus)
    return grid


def _who(straggler: Slowest | None) -> list[Part]:
    """Return which rank the others wait for, in words."""
    if straggler is None:
        hint = 'log.log({"work_time": seconds}) in each process tells which rank is slowest'
        return [(hint, Ink.FAINT)]
    if straggler.finding:
        finding = straggler.finding
        return [(f"{finding.severity.glyph} ", ink_of(finding)), (finding.title, Ink.TEXT)]
    slow = straggler.times >= STRAGGLING
    said = f"  {number(straggler.times)} x the middle rank's work time"
    return [
        ("slowest ", Ink.DIM),
        (straggler.words, Ink.STRONG if slow else Ink.TEXT),
        (said, Ink.TEXT if slow else Ink.DIM),
    ]
