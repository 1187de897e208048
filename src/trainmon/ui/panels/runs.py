"""The runs in view: choose one, lay others over it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, number
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.cursor_panel import CursorPanel, first_shown, pages_and_ends, up_and_down
from trainmon.ui.curves.curves import curve
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.runs.progress import progress
from trainmon.ui.runs.run_list import ORDERS, best_of
from trainmon.ui.scene import Scene, Settings
from trainmon.ui.wording import STATUS_GLYPHS, STATUS_INKS, health
from trainmon.view import RunView, Status

_SPARK = 16
"""Cells of the sparkline of a run's loss."""

_LOSS = 6
"""Cells of a loss of three digits: 0.0412, 1.23e3 and NaN."""

_BEST = 13
"""Cells of the best value with its name."""

_LEFT = 14
"""Cells of the time that is left in words."""

_SPARK_POINTS = 4_000
"""Newest values that the sparkline is taken over: many runs must stay cheap to draw."""


class RunsPanel(CursorPanel):
    """All runs, the one that logged last first."""

    title = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("run"),
        *pages_and_ends("run", "ten runs"),
        Binding("enter", "choose", "look at", tooltip="look at the run under the cursor"),
        Binding("space", "overlay", "lay over", tooltip="lay the run over the one looked at"),
        Binding(
            "slash",
            "filter",
            "filter",
            tooltip="list the runs that match: part of a name, lr>1e-3, optimizer=adamw, best<0.4",
        ),
        Binding("r", "order", "order", tooltip="order by age, health, best value, name, step"),
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

    class FilterWanted(Message):
        """Something is to be typed that runs must match."""

    class Ordered(Message):
        """Runs are to be listed in the next order."""

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_runs(scene, height, width, focus=self.has_focus)

    def action_filter(self) -> None:
        """Ask for a line to type in what runs must match."""
        self.post_message(self.FilterWanted())

    def action_order(self) -> None:
        """Ask for the next order."""
        self.post_message(self.Ordered())

    @property
    def count(self) -> int:
        """How many runs are listed."""
        return len(self._runs)

    @property
    def place(self) -> int:
        """Where the run under the cursor is in the list; the first where it is not listed."""
        cursor = self._scene.cursor if self._scene else ""
        return next((at for at, run in enumerate(self._runs) if run.key == cursor), 0)

    def go(self, place: int) -> None:
        """Ask for the cursor on another run."""
        self.post_message(self.Moved(self._runs[place].key))

    def click(self, place: int) -> None:
        """Ask to look at the run that was clicked."""
        self.post_message(self.Chosen(self._runs[place].key))

    def action_choose(self) -> None:
        """Ask to look at the run under the cursor."""
        if self._scene and self._scene.cursor:
            self.post_message(self.Chosen(self._scene.cursor))

    def action_overlay(self) -> None:
        """Ask to lay the run under the cursor over the one looked at."""
        if self._scene and self._scene.cursor:
            self.post_message(self.Overlaid(self._scene.cursor))

    @property
    def _runs(self) -> Sequence[RunView]:
        return self._scene.runs if self._scene else ()


def draw_runs(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the runs of a scene, one line each."""
    title: list[Part] = [("runs", Ink.TITLE)]
    if scene.run_filter:
        title.append((f"  {scene.run_filter}", Ink.STRONG))
    if scene.run_order not in {"", ORDERS[0]}:
        title.append((f"  by {scene.run_order}", Ink.DIM))
    if scene.moment is not None:
        behind = f", {scene.behind:,} to come" if scene.behind else ""
        title.append((f"  as they stood then{behind}", Ink.DIM))
    if not scene.runs:
        hint = scene.view.failures[0] if scene.view.failures else "no run has been found yet"
        if scene.view.runs:
            hint = f"none of {len(scene.view.runs):,} runs matches"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    shown = shown_runs(scene, height - 2)
    name_width = min(max(len(run.name) for run in shown) if shown else 0, max(12, width // 3))
    step_width = max((len(f"{run.last_step or 0:,.0f}") for run in shown), default=0)
    for row, run in enumerate(shown, start=1):
        _row(grid, row, scene, run, (name_width, step_width), focus=focus)
    values = _counts(scene.runs) if len(scene.view.runs) > 1 else []
    if values and len(scene.runs) < len(scene.view.runs):
        values.insert(1, [(f" of {len(scene.view.runs):,}", Ink.DIM)])
    border(grid, title, values, focus=focus)
    return grid


def _counts(runs: Sequence[RunView]) -> list[list[Part]]:
    """Return how many runs there are, and how many of them are how well."""
    healths = Counter(health(run) for run in runs if not run.superseded)
    by_need = sorted(healths.items(), key=lambda pair: pair[0][1])  # inks go from bad to good
    how_well = [(f"  {count:,} {glyph}", ink) for (glyph, ink), count in by_need]
    return [[(f"{len(runs):,}", Ink.STRONG)], how_well]


def shown_runs(scene: Scene, rows: int) -> tuple[RunView, ...]:
    """Return the runs that fit, so that the one under the cursor is among them."""
    runs = scene.runs
    here = next((at for at, run in enumerate(runs) if run.key == scene.cursor), 0)
    first = first_shown(here, rows)
    return runs[first : first + max(rows, 0)]


def _row(
    grid: Grid, row: int, scene: Scene, run: RunView, widths: tuple[int, int], *, focus: bool
) -> None:
    """Write one run: its name and its last step in columns of these widths."""
    name_width, step_width = widths
    looked_at = scene.run is not None and run.key == scene.run.key
    overlays = {other.key: ink for other, ink in scene.overlays}
    ink = Ink.TRAIN if looked_at else Ink.DIM if run.superseded else Ink.TEXT
    bullet = "▸" if looked_at else " "
    if run.key in overlays:
        ink, bullet = overlays[run.key], "+"
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
    """Write the loss that counts, its best, its course, and what is left, if there is room."""
    loss = curve(run, run.context.val_loss or run.context.train_loss, settings)
    end = grid.width - 2
    if loss is None or col + _LOSS > end:
        return
    grid.right(row, col + _LOSS, number(loss.last), Ink.TEXT)
    col += _LOSS + 2
    if end - col >= _BEST + _SPARK and (best := best_of(run)):
        col = grid.write_parts(row, col, [("best ", Ink.DIM), (number(best[0]), Ink.TEXT)])
        col += _BEST - width_of([("best ", Ink.DIM), (number(best[0]), Ink.TEXT)])
    room = min(_SPARK, end - col)
    if room > 3:  # noqa: PLR2004 - a shorter one shows no course
        grid.paste(draw_sparkline(loss.y[-_SPARK_POINTS:], room, Ink.DIM), row, col)
        col += room + 2
    left = progress(run).left if run.status is Status.RUNNING else None
    if left and end - col >= _LEFT:
        grid.write(row, col, f"{duration(left)} left", Ink.TEXT)
