"""The machine: GPU and host, live where the run is here, as logged where it is elsewhere."""

from collections.abc import Hashable, Mapping

from trainmon.roles import Role
from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, share
from trainmon.ui.panel import Panel
from trainmon.ui.plots import empty
from trainmon.ui.scene import Scene

Readings = Mapping[str, float]

_LABEL = 6
"""Cells of a row's label."""

_GAUGE = 16
"""Most cells of a gauge: more adds no precision that anybody reads."""

_GPUS_LISTED = 64
"""GPUs looked for: no host has more."""


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
        hint = "nothing is known of this run's machine: it runs elsewhere and logs no sys/ metrics"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    for row, (label, level, parts) in enumerate(rows[: max(height - 2, 0)], start=1):
        _row(grid, row, label, level, parts)
    below = len(rows) + 1
    for row, note in enumerate(notes, start=below):
        if row < height - 1:
            grid.write_parts(row, 2, shortened([(note, Ink.DIM)], width - 4))
    grid.box(title, focus=focus)
    return grid


def readings_of(scene: Scene) -> tuple[Readings, Mapping[str, str], tuple[str, ...], str]:
    """Return readings, device names, notes and their origin.

    This machine is shown only for a run on this machine: the GPU of a laptop says nothing of a
    run in a cluster.
    """
    machine, run = scene.view.machine, scene.run
    if machine and (run is None or run.local):
        return machine.readings, machine.names, machine.notes, "live"
    if run is None:
        return {}, {}, (), ""
    logged = {}
    for name in run.context.names(Role.SYSTEM):
        samples = run.lead.series.get(name)
        if samples:
            logged[name.removeprefix("sys/")] = float(samples.values[-1])
    return logged, {}, (), "as logged" if logged else ""


def _rows(readings: Readings, names: Mapping[str, str]) -> list[tuple[str, float, list[Part]]]:
    """Return label, level and words of each row: the GPUs first, then the host."""
    rows = []
    for index in range(_GPUS_LISTED):
        prefix = f"gpu{index}"
        if f"{prefix}/util" in readings or f"{prefix}/mem_used" in readings:
            rows.append(_gpu(readings, prefix, names.get(prefix, "")))
    if "cpu" in readings:
        used, total = readings.get("mem_used"), readings.get("mem_total")
        parts: list[Part] = [(f"{share(readings['cpu'])}", Ink.STRONG)]
        if used is not None and total:
            parts += [("  mem ", Ink.DIM), (f"{bytes_(used)} of {bytes_(total)}", Ink.TEXT)]
        rows.append(("CPU", readings["cpu"], parts))
    return rows


def _gpu(readings: Readings, prefix: str, name: str) -> tuple[str, float, list[Part]]:
    util = readings.get(f"{prefix}/util", 0.0)
    parts: list[Part] = [(share(util), Ink.STRONG)]
    used, total = readings.get(f"{prefix}/mem_used"), readings.get(f"{prefix}/mem_total")
    if used is not None and total:
        ink = Ink.WARNING if used / total >= _MEMORY_HIGH else Ink.TEXT
        parts += [("  mem ", Ink.DIM), (f"{bytes_(used)} of {bytes_(total)}", ink)]
    if f"{prefix}/power" in readings:
        parts.append((f"  {readings[f'{prefix}/power']:.0f} W", Ink.TEXT))
    if f"{prefix}/temp" in readings:
        parts.append((f"  {readings[f'{prefix}/temp']:.0f} °C", Ink.TEXT))
    if name:
        parts.append((f"  {name}", Ink.DIM))
    return prefix.upper().replace("GPU", "GPU "), util, parts


_MEMORY_HIGH = 0.95
"""Share of a card's memory from which on it stands out."""


def _row(grid: Grid, row: int, label: str, level: float, parts: list[Part]) -> None:
    grid.write(row, 2, label, Ink.DIM)
    col = 2 + _LABEL
    room = grid.width - col - 2
    gauge = min(_GAUGE, room - width_of(parts) - 1)
    if gauge >= 4:  # noqa: PLR2004 - a shorter one shows nothing
        grid.paste(draw_gauge(level, gauge, Ink.SIGNAL), row, col)
        col += gauge + 1
    grid.write_parts(row, col, shortened(parts, grid.width - col - 2))
