"""The worst waits one by one, with what the machine did at that moment."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import isfinite

from trainmon.ui.charts.cells import Part, codes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, duration, number, share
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.waits import Spike, Waits, spikes_found, waits_of, worst_of


class WorstWaitsPanel(Panel):
    """A table of spikes."""

    title = "worst waits"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and the part of it that is shown."""
        return scene.state, scene.settings.window, scene.settings.x_kind

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the table in its box."""
        return draw_worst_waits(scene, height, width, focus=self.has_focus)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: its heading, and what stands in it."""

    heading: str
    told: Callable[[Spike], str]
    ink: Callable[[Spike], Ink] = lambda _: Ink.TEXT


def draw_worst_waits(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the worst waits of the run of a scene."""
    title: list[Part] = [("worst waits", Ink.TITLE)]
    run = scene.run
    waits = waits_of(run, scene.settings) if run else None
    spikes = worst_of(run, scene.settings) if run else []
    if run is None or waits is None or not spikes:
        hint = "no waits: the longest, and the machine meanwhile"
        return empty(height, width, title, hint if run else "", focus=focus)
    grid = Grid(height, width)
    col = 2
    for place, column in enumerate(_columns(spikes, waits)):
        cells = [column.told(spike) for spike in spikes]
        col += max(len(codes(text)) for text in (column.heading, *cells))
        if place and col > width - 2:
            break
        grid.right(1, col, column.heading, Ink.DIM)
        for row, (spike, text) in enumerate(zip(spikes, cells, strict=True), start=2):
            if row < height - 1:
                grid.right(row, col, text, column.ink(spike))
        col += 2
    found = spikes_found(run)
    count = found.evidence.get("spikes") if found else None
    values: list[list[Part]] = [[(f"{len(spikes)}", Ink.STRONG)]]
    if isinstance(count, (int, float)) and count > len(spikes):
        values.append([(f" of {count:,.0f} spikes", Ink.DIM)])
    border(grid, title, values, focus=focus)
    return grid


def _columns(spikes: list[Spike], waits: Waits) -> list[_Column]:
    """Return the columns that there is something to tell in."""
    median, limit = waits.median, waits.limit
    columns = [
        _Column("", lambda spike: str(spike.number), lambda _: Ink.STRONG),
        _Column("step", lambda spike: f"{spike.step:,.0f}" if isfinite(spike.step) else "?"),
        _Column(
            "wait",
            lambda spike: duration(spike.wait),
            lambda spike: Ink.WARNING if spike.wait > limit else Ink.STRONG,
        ),
        _Column("x median", lambda spike: number(spike.wait / median) if median else ""),
    ]
    for heading, key, spelled in (
        ("CPU", "cpu", share),
        ("I/O wait", "io_wait", share),
        ("memory", "mem_used", bytes_),
        ("swap", "swap_used", bytes_),
    ):
        if any(key in spike.machine for spike in spikes):
            columns.append(_Column(heading, _reading(key, spelled)))
    if any(spike.gpu is not None for spike in spikes):
        columns.append(_Column("GPU", lambda spike: "" if spike.gpu is None else share(spike.gpu)))
    return columns


def _reading(key: str, spelled: Callable[[float], str]) -> Callable[[Spike], str]:
    return lambda spike: spelled(spike.machine[key]) if key in spike.machine else ""
