"""The gradient norm before clipping, with the clip drawn across."""

from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import Limit, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number, share
from trainmon.ui.curves.curves import Curve, first_of
from trainmon.ui.curves.looking import cross_hair, options_of, told_value
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

_RECENT = 200
"""Records over which the share of clipped steps is taken."""

_DECADE = 10.0
"""Ratio of the largest to the smallest norm from which on the axis is logarithmic."""


class GradientPanel(Panel):
    """Gradient norms."""

    title = "gradient norm"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._wide = False
        """Whether the norms that were drawn last ask for a logarithmic axis, whatever is chosen."""

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn where that matters here."""
        settings = scene.settings
        return scene.state, replace(settings, log_y=settings.log_y or self._wide, robust=False)

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        norm = _norm(scene)
        self._wide = norm is not None and _is_wide(norm.y)
        return _drawn(scene, norm, (height, width), wide=self._wide, focus=self.has_focus)


def draw_gradient(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the gradient norm of the run of a scene."""
    norm = _norm(scene)
    wide = norm is not None and _is_wide(norm.y)
    return _drawn(scene, norm, (height, width), wide=wide, focus=focus)


def _drawn(
    scene: Scene, norm: Curve | None, size: tuple[int, int], *, wide: bool, focus: bool
) -> Grid:
    title: list[Part] = [("gradient norm", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    if run is None or norm is None:
        hint = "no gradient norms in this log:\nlog.watch(model, optimizer)"
        return empty(*size, title, hint if run else "", focus=focus)
    clip = run.context.clip
    values: list[list[Part]] = [[(number(told_value(run, settings, norm)), Ink.STRONG)]]
    if clip:
        clipped = float(np.mean(norm.y[-_RECENT:] > clip))
        values.append([("  clip ", Ink.DIM), (number(clip), Ink.TEXT)])
        values.append([("  clipped ", Ink.DIM), (share(clipped), Ink.TEXT)])
    log_y = settings.log_y or wide
    limit = Limit(clip, "clip") if clip else None
    options = options_of(run, settings, log_y=log_y, robust=False, limit=limit)
    series = [Series(norm.x, norm.y, Ink.SIGNAL, Ink.SIGNAL_RAW)]
    marks = marks_of(run, settings, norm.name, events=False) + cross_hair(run, settings)
    return boxed(*size, (title, values), series, marks, options, focus=focus)


def _norm(scene: Scene) -> Curve | None:
    return first_of(scene.run, scene.settings, Role.GRAD_NORM) if scene.run else None


def _is_wide(norms: Floats) -> bool:
    """Return whether norms differ by more than a decade."""
    positive = norms[np.isfinite(norms) & (norms > 0)]
    return len(positive) > 0 and float(positive.max() / positive.min()) > _DECADE
