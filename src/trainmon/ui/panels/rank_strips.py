"""All ranks over the steps: a strip each of their times, their losses and their gradients."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heatmap import draw_heatmap
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.looking import told_place
from trainmon.ui.panel import Panel
from trainmon.ui.plots import border, empty
from trainmon.ui.rank_folding import Folding, troubles
from trainmon.ui.rank_measures import (
    STRAGGLING,
    Measure,
    RankChoice,
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


class RankStripsPanel(Panel):
    """Heat strips of what the ranks tell, with a cursor on one of them."""

    title = "ranks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "rank above", show=False, tooltip="the rank above"),
        Binding("down,j", "move(1)", "rank below", show=False, tooltip="the rank below"),
        Binding("pageup", f"move(-{_PAGE})", "up", show=False, tooltip="eight ranks up"),
        Binding("pagedown", f"move({_PAGE})", "down", show=False, tooltip="eight ranks down"),
        Binding("home", "move(-99999)", "first", show=False, tooltip="the first rank"),
        Binding("end", "move(99999)", "last", show=False, tooltip="the last rank"),
        Binding("f", "fold", "fold", show=False, tooltip="hundreds of ranks in a few rows again"),
        Binding(
            "g", "measure", "times, losses", tooltip="of each rank the next: times, loss, gradients"
        ),
    ]

    @dataclass
    class Chosen(Message):
        """Another rank, or another measure of it, is looked at."""

        choice: RankChoice

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._choice = RankChoice()

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, how charts are drawn, and what was chosen."""
        return scene.state, scene.settings, self._choice

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the strips in their box."""
        return draw_rank_strips(scene, height, width, self._choice, focus=self.has_focus)

    def action_move(self, by: int) -> None:
        """Go to another rank."""
        run = self._scene.run if self._scene else None
        if run:
            place = self._choice.place(run.lanes) + by
            if _Shown.of(run, self._choice, self.size.height).folding and abs(by) == 1:
                worst = next(iter(troubles(run)), -1)  # there is no rank above or below
                place = replace(self._choice, rank=worst).place(run.lanes)
            lane = run.lanes[max(0, min(len(run.lanes) - 1, place))]
            self._choose(replace(self._choice, rank=lane.rank))

    def action_fold(self) -> None:
        """Look at no single rank."""
        self._choose(replace(self._choice, rank=-1))

    def action_measure(self) -> None:
        """Show the next measure of the ranks first."""
        run = self._scene.run if self._scene else None
        if run:
            self._choose(self._choice.next_measure(measures_of(run)))

    def on_click(self, event: events.Click) -> None:
        """Go to the rank that was clicked."""
        run = self._scene.run if self._scene else None
        if run and len(run.lanes) > 1:
            shown = _Shown.of(run, self._choice, self.size.height)
            place = (event.y - 2) % (shown.rows + 1) if shown.rows else shown.rows
            inside = 1 < event.y < 1 + len(shown.measures) * (shown.rows + 1)
            if inside and place < shown.rows:
                rank = _rank_in(run, shown, place)
                self._choose(replace(self._choice, rank=rank))

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.action_move(-1)

    def _choose(self, choice: RankChoice) -> None:
        self._choice = choice
        self._redraw()
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


def _rank_in(run: RunView, shown: _Shown, row: int) -> int:
    """Return the rank that a row shows, or the first of those that it does."""
    if shown.folding is None:
        return run.lanes[shown.first + row].rank
    named, stretches = shown.folding.named, shown.folding.stretches
    if row < len(named):
        return named[row]
    stretch = row - (shown.rows - len(stretches))
    return run.lanes[stretches[stretch][0]].rank if stretch >= 0 else run.lanes[0].rank


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
