"""The machine: GPU and host, live where the run is here, as logged where it is elsewhere."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, share
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.machine.whose_machine import live_machine, logged_hosts
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

Readings = Mapping[str, float]

_LABEL = 6
"""Cells of a row's label."""

_GAUGE = 16
"""Most cells of a gauge: more adds no precision that anybody reads."""

_GAUGE_LEAST = 6
"""Cells below which a gauge shows nothing that the number does not."""

_SHARE = 5
"""Cells of a share: "100 %"."""

_GPUS_LISTED = 64
"""GPUs looked for: no host has more."""

_MEMORY_HIGH = 0.95
"""Share of a card's memory from which on it stands out."""

_HEAT = ("sw_thermal", "hw_thermal", "hw_slowdown", "hw_power_brake")
"""Reasons for a lower clock that are in no order under load; the others are on the system page."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A device: how busy it is, from 0 to 1, and what else is told, the most needed first."""

    label: str
    level: float
    told: tuple[Sequence[Part], ...]


class MachinePanel(Panel):
    """GPUs and host in a few rows."""

    title = "machine"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the samples of the machine too."""
        return scene.state, scene.machine_time

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the gauges in their box."""
        return draw_machine(scene, height, width, focus=self.has_focus)


def draw_machine(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the machine that the run of a scene is on."""
    readings, names, notes, where = readings_of(scene)
    title: list[Part] = [("machine", Ink.TITLE), (f"  {where}" if where else "", Ink.DIM)]
    rows = _rows(readings, names)
    if not rows and not notes:
        whose = "this run's machine" if scene.moment is None else "the machine then"
        hint = f"nothing is known of {whose}:\nits log holds no sys/ metrics"
        return empty(height, width, title, hint if scene.run else "", focus=focus)
    grid = Grid(height, width)
    _draw(grid, rows[: max(height - 2, 0)])
    below = len(rows) + 1
    for row, note in enumerate(notes, start=below):
        if row < height - 1:
            grid.write_parts(row, 2, shortened([(note, Ink.DIM)], width - 4))
    border(grid, title, focus=focus)
    return grid


def readings_of(scene: Scene) -> tuple[Readings, Mapping[str, str], tuple[str, ...], str]:
    """Return readings, device names, notes and their origin."""
    machine, run = live_machine(scene), scene.run
    if machine:
        where = "live" if scene.moment is None else "as it was"
        return machine.readings, machine.names, machine.notes, where
    if run is None:
        return {}, {}, (), ""
    hosts = logged_hosts(run)
    if not hosts:
        return {}, {}, (), ""
    where = f"as logged on {hosts[0].name}" if hosts[0].name else "as logged"
    return hosts[0].now, {}, (), where


def _rows(readings: Readings, names: Mapping[str, str]) -> list[_Row]:
    """Return the GPUs first, then the host."""
    rows = []
    for index in range(_GPUS_LISTED):
        prefix = f"gpu{index}"
        if f"{prefix}/util" in readings or f"{prefix}/mem_used" in readings:
            rows.append(_gpu(readings, prefix, names.get(prefix, "")))
    told = _memory(readings, "", math.inf)
    if "cpu" in readings or told:
        rows.append(_Row("CPU", readings.get("cpu", math.nan), (told,) if told else ()))
    return rows


def _gpu(readings: Readings, prefix: str, name: str) -> _Row:
    told: list[Sequence[Part]] = []
    if memory := _memory(readings, f"{prefix}/", _MEMORY_HIGH):
        told.append(memory)
    for reading, unit in (("power", "W"), ("temp", "°C")):
        if (value := readings.get(f"{prefix}/{reading}")) is not None:
            told.append([(f"  {value:.0f} {unit}", Ink.TEXT)])
    if any(readings.get(f"{prefix}/throttle/{reason}", 0.0) > 0 for reason in _HEAT):
        told.insert(1, [("  slowed down", Ink.WARNING)])
    if name:
        told.append([(f"  {name}", Ink.DIM)])
    label = prefix.upper().replace("GPU", "GPU ")
    return _Row(label, readings.get(f"{prefix}/util", math.nan), tuple(told))


def _memory(readings: Readings, prefix: str, high: float) -> list[Part]:
    """Return used and total memory in words, in one unit where they have the same."""
    used, total = readings.get(f"{prefix}mem_used"), readings.get(f"{prefix}mem_total")
    if used is None or not total:
        return []
    of_total = bytes_(total)
    amount = bytes_(used).removesuffix(f" {of_total.split()[-1]}")
    ink = Ink.WARNING if used / total >= high else Ink.TEXT
    return [("  mem ", Ink.DIM), (f"{amount} of {of_total}", ink)]


def _fitting(told: Sequence[Sequence[Part]], width: int) -> list[Part]:
    """Return as many groups of words as fit whole, from the first one on."""
    parts: list[Part] = []
    for group in told:
        if width_of(parts) + width_of(group) > width:
            break
        parts += group
    return parts


def _draw(grid: Grid, rows: Sequence[_Row]) -> None:
    """Write the rows below one another; their gauges are equally long, if there is room for any."""
    room = grid.width - 4 - _LABEL - _SHARE
    words = [_fitting(row.told, room) for row in rows]
    gauge = min(_GAUGE, room - 1 - max(map(width_of, words), default=0))
    for at, (row, parts) in enumerate(zip(rows, words, strict=True), start=1):
        grid.write(at, 2, row.label, Ink.DIM)
        col = 2 + _LABEL
        if gauge >= _GAUGE_LEAST:
            grid.paste(draw_gauge(row.level, gauge, Ink.SIGNAL), at, col)
            col += gauge + 1
        level = "" if math.isnan(row.level) else share(row.level)
        grid.right(at, col + _SHARE, level, Ink.STRONG)
        grid.write_parts(at, col + _SHARE, parts)
