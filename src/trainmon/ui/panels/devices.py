"""Every device of the machine in a box: what is read of it now, and how it went lately."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.machine.devices import Device, Told, told_devices
from trainmon.ui.machine.telling import Line
from trainmon.ui.machine.whose_machine import live_machine
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

_BOX = 56
"""Columns that a box wants: label, value, gauge and a sparkline that shows a minute."""

_LABEL, _WORDS = 12, 18
"""Cells of a reading's name, and of its value in words."""

_GAUGE = 10
"""Cells of a gauge."""

_BOX_LEAST = 4
"""Rows that are kept for boxes before there are any for notes."""

_SPARK_LEAST = 6
"""Cells below which a sparkline shows no course."""

_HINT = (
    "nothing is known of this run's machine: its log holds no sys/ metrics\n"
    "watched where it runs, the machine is read here"
)

_HINT_THEN = "nothing is known of the machine then: its log holds no sys/ metrics"
"""Likewise, where somebody travels in time."""


class DevicesPanel(Panel):
    """GPUs and host."""

    title = "devices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", "down", show=False, tooltip="the next row of devices"),
        Binding("up,k", "scroll(-1)", "up", show=False, tooltip="the row of devices above"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._top = 0

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: samples of this machine alone, where it is this one."""
        run = scene.run
        if live_machine(scene):
            whose = (run.key, run.pids) if run else None
            return whose, scene.machine_time, scene.moment, self._top, scene.terse
        return scene.state, self._top

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the boxes, as many as fit from the row scrolled to."""
        return draw_devices(scene, height, width, top=self._top, focus=self.has_focus)

    def action_scroll(self, by: int) -> None:
        """Scroll by rows of boxes."""
        told = told_devices(self._scene) if self._scene else Told()
        last = max(0, -(-len(told.devices) // _columns(self.size.width)) - 1)
        self._top = max(0, min(last, self._top + by))
        self._redraw()


def draw_devices(
    scene: Scene, height: int, width: int, *, top: int = 0, focus: bool = False
) -> Grid:
    """Return the devices of the machine of a scene's run, from a row of boxes on."""
    told = told_devices(scene)
    if not told.devices:
        title: list[Part] = [("machine", Ink.TITLE)]
        known = _HINT if scene.moment is None else _HINT_THEN
        hint = "\n".join((known, *told.notes)) if scene.run else ""
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    notes = told.notes[: max(0, height - _BOX_LEAST)]
    boxes = Grid(height - len(notes), width)
    below = _draw_boxes(boxes, told, top, focus=focus)
    grid.paste(boxes, 0, 0)
    for row, note in enumerate(notes, start=below):
        grid.write_parts(row, 2, shortened([(note, Ink.TEXT)], width - 4))
    return grid


def _draw_boxes(grid: Grid, told: Told, top: int, *, focus: bool) -> int:
    """Draw as many boxes as fit, and return the row below them."""
    columns = _columns(grid.width)
    row = 0
    for first in range(top * columns, len(told.devices), columns):
        boxes = told.devices[first : first + columns]
        rows = 2 + max(len(box.lines) for box in boxes)
        for at, device in enumerate(boxes):
            begin, end = (grid.width * col // columns for col in (at, at + 1))
            told_here = told.where if device is told.devices[0] else ""
            box = _box(device, told_here, rows, end - begin, focus=focus)
            grid.paste(box, row, begin)
        row += rows
        if row >= grid.height:
            break
    return min(row, grid.height)


def _columns(width: int) -> int:
    return max(1, width // _BOX)


def _box(device: Device, where: str, height: int, width: int, *, focus: bool) -> Grid:
    grid = Grid(height, width)
    for row, line in enumerate(device.lines, start=1):
        _write(grid, row, line)
    words = ((device.label, Ink.TITLE), (device.name, Ink.DIM), (device.mark, Ink.STRONG))
    told = [(text, ink) for text, ink in words if text]
    title: list[Part] = [(f"  {text}" if at else text, ink) for at, (text, ink) in enumerate(told)]
    border(grid, title, [[(where, Ink.DIM)]] if where else _NO_VALUES, focus=focus)
    return grid


_NO_VALUES: Sequence[Sequence[Part]] = ()


def _write(grid: Grid, row: int, line: Line) -> None:
    """Write one reading: its name, its value, its gauge, its course, as far as there is room."""
    end = grid.width - 2
    grid.write(row, 2, line.label, Ink.DIM)
    room = end - 2 - _LABEL
    if len(line.abreast):
        parts = draw_sparkline(line.abreast, room, Ink.SIGNAL, span=(0.0, 1.0))
        grid.paste(parts, row, 2 + _LABEL)
        return
    is_long = len(line.words) > _WORDS
    words = shortened([(line.words, line.ink)], room if is_long else min(room, _WORDS))
    grid.write_parts(row, 2 + _LABEL, words)
    col = 2 + _LABEL + _WORDS + 1
    if is_long:
        return
    if line.level == line.level and end - col >= _GAUGE:
        ink = Ink.WARNING if line.ink == Ink.WARNING else Ink.SIGNAL
        grid.paste(draw_gauge(line.level, _GAUGE, ink), row, col)
    col += _GAUGE + 2
    if len(line.history) > 1 and end - col >= _SPARK_LEAST:
        spark = draw_sparkline(
            line.history[-_SPARK_POINTS:], end - col, Ink.SIGNAL, span=_span(line)
        )
        grid.paste(spark, row, col)


def _span(line: Line) -> tuple[float, float] | None:
    """Return what a sparkline reaches from and to; None for what was least and most."""
    if not line.level > 0:
        return (0.0, 1.0) if line.level == 0 and line.label in _SHARES else None
    if line.label in _SHARES:
        return 0.0, 1.0
    return (0.0, float(line.history[-1]) / line.level) if line.label in _FILLING else None


_SHARES = frozenset({"util", "CPU", "I/O wait", "workers"})
"""Readings whose sparkline goes from nothing to all."""

_FILLING = frozenset({"memory", "job memory"})
"""Readings whose sparkline goes from nothing to their limit, as noise of a level says nothing."""

_SPARK_POINTS = 4_000
"""Newest values that a sparkline is taken over."""
