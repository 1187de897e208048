"""The runs in view: choose one, lay others over it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.curves import curve
from trainmon.ui.panel import Panel
from trainmon.ui.plots import border, empty
from trainmon.ui.scene import Scene, Settings
from trainmon.ui.wording import OVERLAY_INKS, STATUS_GLYPHS, STATUS_INKS, health
from trainmon.view import RunView

_SPARK = 16
"""Cells of the sparkline of a run's loss."""

_LOSS = 6
"""Cells of a loss of three digits: 0.0412, 1.23e3 and NaN."""

_SPARK_POINTS = 4_000
"""Newest values that the sparkline is taken over: many runs must stay cheap to draw."""


class RunsPanel(Panel):
    """All runs, the one that logged last first."""

    title = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, tooltip="the run above"),
        Binding("down,j", "move(1)", "down", show=False, tooltip="the run below"),
        Binding("enter", "choose", "look at", tooltip="look at the run under the cursor"),
        Binding("space", "overlay", "lay over", tooltip="lay the run over the one looked at"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is to stand on another run."""

        key: str

    @dataclass
    class Chosen(Message):
        """Another run is to be looked at."""

        key: str

    @dataclass
    class Overlaid(Message):
        """A run is to be laid over the one looked at, or taken away again."""

        key: str

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_runs(scene, height, width, focus=self.has_focus)

    def action_move(self, by: int) -> None:
        """Ask for the run above or below."""
        keys = [run.key for run in self._scene.view.runs] if self._scene else []
        if self._scene and keys:
            here = keys.index(self._scene.cursor) if self._scene.cursor in keys else 0
            self.post_message(self.Moved(keys[max(0, min(len(keys) - 1, here + by))]))

    def action_choose(self) -> None:
        """Ask to look at the run under the cursor."""
        if self._scene and self._scene.cursor:
            self.post_message(self.Chosen(self._scene.cursor))

    def action_overlay(self) -> None:
        """Ask to lay the run under the cursor over the one looked at."""
        if self._scene and self._scene.cursor:
            self.post_message(self.Overlaid(self._scene.cursor))

    def on_click(self, event: events.Click) -> None:
        """Look at the run that was clicked."""
        if self._scene:
            shown = shown_runs(self._scene, self.size.height - 2)
            if 0 < event.y <= len(shown):
                self.post_message(self.Chosen(shown[event.y - 1].key))


def draw_runs(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the runs of a scene, one line each."""
    title: list[Part] = [("runs", Ink.TITLE)]
    if not scene.view.runs:
        hint = scene.view.failures[0] if scene.view.failures else "no run has been found yet"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    shown = shown_runs(scene, height - 2)
    name_width = min(max(len(run.name) for run in shown) if shown else 0, max(12, width // 3))
    step_width = max((len(f"{run.last_step or 0:,.0f}") for run in shown), default=0)
    for row, run in enumerate(shown, start=1):
        _row(grid, row, scene, run, (name_width, step_width), focus=focus)
    border(grid, title, _counts(scene.view.runs), focus=focus)
    return grid


def _counts(runs: Sequence[RunView]) -> list[list[Part]]:
    """Return how many runs there are, and of more than one how many are how well."""
    if len(runs) <= 1:
        return []
    healths = Counter(health(run) for run in runs if not run.superseded)
    by_need = sorted(healths.items(), key=lambda pair: pair[0][1])  # inks go from bad to good
    how_well = [(f"  {count:,} {glyph}", ink) for (glyph, ink), count in by_need]
    return [[(f"{len(runs):,}", Ink.STRONG)], how_well]


def shown_runs(scene: Scene, rows: int) -> tuple[RunView, ...]:
    """Return the runs that fit, so that the one under the cursor is among them."""
    runs = scene.view.runs
    keys = [run.key for run in runs]
    here = keys.index(scene.cursor) if scene.cursor in keys else 0
    first = max(0, here - max(rows, 1) + 1)
    return runs[first : first + max(rows, 0)]


def _row(
    grid: Grid, row: int, scene: Scene, run: RunView, widths: tuple[int, int], *, focus: bool
) -> None:
    """Write one run: its name and its last step in columns of these widths."""
    name_width, step_width = widths
    looked_at = scene.run is not None and run.key == scene.run.key
    overlays = [other.key for other in scene.overlays]
    ink = Ink.TRAIN if looked_at else Ink.DIM if run.superseded else Ink.TEXT
    bullet = "▸" if looked_at else " "
    if run.key in overlays:
        ink, bullet = OVERLAY_INKS[overlays.index(run.key) % len(OVERLAY_INKS)], "+"
    glyph, glyph_ink = health(run)
    name = shortened([(run.name, ink)], name_width)
    col = grid.write_parts(row, 2, [(f"{bullet} ", ink), *name])
    col += name_width - width_of(name) + 2
    status: list[Part] = [
        (f"{glyph} ", glyph_ink),
        (f"{STATUS_GLYPHS[run.status]} {run.status.value:9}", STATUS_INKS[run.status]),
    ]
    col = grid.write_parts(row, col, status)
    if run.last_step is not None:
        grid.right(row, col + step_width, f"{run.last_step:,.0f}", Ink.TEXT)
    _loss(grid, row, col + step_width + 2, run, scene.settings)
    if focus and run.key == scene.cursor:
        grid.inks[row, 1:-1] = Ink.SELECTED


def _loss(grid: Grid, row: int, col: int, run: RunView, settings: Settings) -> None:
    """Write the loss that counts and its course, as far as there is room for them."""
    loss = curve(run, run.context.val_loss or run.context.train_loss, settings)
    end = grid.width - 2
    if loss is None or col + _LOSS > end:
        return
    grid.right(row, col + _LOSS, number(loss.last), Ink.TEXT)
    room = min(_SPARK, end - col - _LOSS - 2)
    if room > 3:  # noqa: PLR2004 - a shorter one shows no course
        spark = draw_sparkline(loss.y[-_SPARK_POINTS:], room, Ink.DIM)
        grid.paste(spark, row, col + _LOSS + 2)
