"""All ranks over the steps: a strip each of their times, their losses and their gradients."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heatmap import draw_heatmap
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.cursor_panel import CursorPanel, pages_and_ends, up_and_down
from trainmon.ui.curves.looking import told_place
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.ranks.rank_folding import Folding, troubles
from trainmon.ui.ranks.rank_measures import (
    STRAGGLING,
    Measure,
    RankChoice,
    alone,
    measures_of,
    slowest,
)
from trainmon.ui.ranks.rank_rows import strips_of
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
        Binding("f", "fold", "fold", show=False, tooltip="hundreds of ranks in a few rows again"),
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
        return _place_in(run, shown, place) if inside and place < shown.rows else None

    def action_move(self, by: int) -> None:
        """Go to another rank: from the fold, where none is above or below, to the worst one."""
        run = self._scene.run if self._scene else None
        if run and abs(by) == 1 and _Shown.of(run, self.choice, self.size.height).folding:
            worst = replace(self.choice, rank=next(iter(troubles(run)), -1))
            self.go(worst.place(run.lanes))
        else:
            super().action_move(by)

    def action_fold(self) -> None:
        """Look at no single rank."""
        self._choose(replace(self.choice, rank=-1))

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
    folding: Folding | None = None
    """What stands in the rows where there is no room for all ranks, and none was chosen."""

    @classmethod
    def of(cls, run: RunView, choice: RankChoice, height: int) -> "_Shown":
        """Return what a panel of this height shows."""
        room = height - 3 - _AXIS  # the borders, and the last line
        ordered, count = choice.ordered(measures_of(run)), len(run.lanes)
        rows = max(0, min(count, room - 1))
        if choice.rank < 0 and rows < count:
            folding = Folding.of(run, rows)
            return cls(ordered[:1], 0, folding.rows, folding)
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
        hint = "nothing that several ranks tell:\nlog.watch(model, optimizer) # in each"
        hint = (alone(run) or hint) if run else ""
        return empty(height, width, title, hint, focus=focus)
    shown = _Shown.of(run, choice, height)
    grid, row = Grid(height, width), 1
    selected = run.lanes[choice.place(run.lanes)].rank if focus else None
    lanes = run.lanes[shown.first : shown.first + shown.rows]
    strips = strips_of(scene.settings, run, lanes, shown.measures, selected, shown.folding)
    for strip in strips:
        is_last = strip.measure is shown.measures[-1]
        options = replace(strip.options, axis=is_last)
        heat = draw_heatmap(shown.rows + _AXIS * is_last, width - 4, strip.rows, options)
        ink = Ink.STRONG if strip.measure is shown.measures[0] else Ink.TITLE
        grid.write_parts(row, 2, shortened([(strip.measure.title, ink)], width - 4))
        if width_of(heat.legend) + len(strip.measure.title) + 2 <= width - 4:
            grid.write_parts(row, width - 2 - width_of(heat.legend), heat.legend)
        grid.paste(heat.grid, row + 1, 2)
        row += shown.rows + 1
    grid.write_parts(height - 2, 2, shortened(_who(run), width - 4))
    every = measures_of(run)
    if place := told_place(run, scene.settings):
        title.append((f"  at {place}", Ink.DIM))
    title += [(f"  {each.title}", Ink.DIM) for each in every if each not in shown.measures]
    title += [("  g", Ink.KEY)] if len(every) > 1 else []
    if shown.folding:
        title += [("  the largest of each stretch  ", Ink.DIM), ("↓", Ink.KEY), (" each", Ink.DIM)]
    elif choice.rank >= 0 and shown.rows < len(run.lanes):
        title += [("  f", Ink.KEY), (" fold", Ink.DIM)]
    border(grid, title, [[(f"{len(run.lanes):,}", Ink.STRONG)]], focus=focus)
    return grid


def _place_in(run: RunView, shown: _Shown, row: int) -> int | None:
    """Return the place of the rank that a row shows, or of the first of those that it does."""
    if shown.folding is None:
        return shown.first + row
    named, stretches = shown.folding.named, shown.folding.stretches
    if row < len(named):
        places = {lane.rank: place for place, lane in enumerate(run.lanes)}
        return places.get(named[row])
    stretch = row - (shown.rows - len(stretches))
    return stretches[stretch][0] if stretch >= 0 else None


def _who(run: RunView) -> list[Part]:
    """Return what is wrong with a rank, or which the others wait for, in words."""
    found = troubles(run)
    straggler = slowest(run)
    if found:
        finding = next(iter(found.values()))
        more = f"  +{len(found) - 1} in trouble" if len(found) > 1 else ""
        return [
            (f"{finding.severity.glyph} ", ink_of(finding)),
            (finding.title, Ink.TEXT),
            (more, Ink.DIM),
        ]
    if straggler is None:
        hint = "log.watch(model, optimizer) in each process tells which rank is slowest"
        return [(hint, Ink.FAINT)]
    slow = straggler.times >= STRAGGLING
    said = f"  {number(straggler.times)} x the middle rank's work time"
    return [
        ("slowest ", Ink.DIM),
        (straggler.words, Ink.STRONG if slow else Ink.TEXT),
        (said, Ink.TEXT if slow else Ink.DIM),
    ]
