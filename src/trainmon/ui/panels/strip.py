"""Sparklines with their current numbers: what a small terminal has room for beside the loss."""

from collections.abc import Hashable

import numpy as np

from trainmon.causes.facts import rate
from trainmon.roles import Role
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, duration, number, share
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.curves.curves import first_of
from trainmon.ui.panel import Panel
from trainmon.ui.panels.machine import readings_of
from trainmon.ui.scene import Scene

_LABEL, _VALUE = 7, 22
"""Cells of the name and of the current value of a line."""


class Strip(Panel, can_focus=False):
    """Learning rate, gradient norm, data wait and GPU in a line each."""

    title = "strip"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the samples of the machine too."""
        return scene.state, scene.machine_time

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the lines that there is something to show for."""
        return draw_strip(scene, height, width)


def draw_strip(scene: Scene, height: int, width: int) -> Grid:
    """Return one line per signal of the run of a scene."""
    grid = Grid(height, width)
    run = scene.run
    if run is None:
        return grid
    row = 0
    for label, *roles in (
        ("lr", Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE),
        ("grad", Role.GRAD_NORM),
        ("wait", Role.DATA_TIME),
    ):
        found = first_of(run, scene.settings, *roles)
        if found is None:
            grid.write(row, 1, f"{label:{_LABEL}}not logged", Ink.FAINT)
            row += 1
            continue
        value, limit = _value(roles[0], found.y)
        grid.write(row, 1, label, Ink.DIM)
        grid.right(row, 1 + _LABEL + _VALUE, value, Ink.STRONG)
        spark = draw_sparkline(found.y, width - _LABEL - _VALUE - 4, Ink.SIGNAL, spike_above=limit)
        grid.paste(spark, row, _LABEL + _VALUE + 3)
        row += 1
    grid.write(row, 1, _machine(scene), Ink.DIM)
    return grid


def _value(
    role: Role, values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
) -> tuple[str, float | None]:
    """Return the current value in words, and what counts as a spike."""
    last = float(values[-1])
    if role == Role.LEARNING_RATE:
        return (rate(last) if last > 0 else f"{last:g}"), None
    if role == Role.GRAD_NORM:
        return number(last), None
    finite = values[np.isfinite(values)]
    if not len(finite):
        return number(last), None
    median = float(np.median(finite))
    return f"{duration(median)} max {duration(float(finite.max()))}", max(8 * median, 0.01)


def _machine(scene: Scene) -> str:
    """Return GPU and host in words."""
    readings, _, notes, _ = readings_of(scene)
    words = []
    if "gpu0/util" in readings:
        words.append(f"GPU 0 {share(readings['gpu0/util'])}")
        if "gpu0/mem_used" in readings:
            words.append(f"mem {bytes_(readings['gpu0/mem_used'])}")
    words += list(notes[:1])
    if "cpu" in readings:
        words.append(f"CPU {share(readings['cpu'])}")
    if "mem_used" in readings:
        words.append(f"RAM {bytes_(readings['mem_used'])}")
    return "   ".join(words)
