"""The small chart of one metric among many: its curve, its findings, its present value."""

from dataclasses import replace
from functools import partial

from trainmon.incidents import Incident
from trainmon.ui.charts.cells import Part, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.looking import cross_hair, options_of, told_value
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.metrics.kept_charts import Asked
from trainmon.ui.metrics.metric_groups import Group
from trainmon.ui.metrics.metric_lines import curve_of, series_of, spelled_value
from trainmon.ui.scene import Scene
from trainmon.view import RunView

_BORDER_COST = 7
"""Cells of the border between and around name and value."""


def small_chart(scene: Scene, name: str, group: Group, size: tuple[int, int]) -> Asked:
    """Return what the chart of a metric depends on, and how it is drawn in a size.

    It is called as it is below the heading of its group.
    """
    told = tuple(
        (run.key, len(run.drawn.series.get(name, ())), run.preview is None, run.drawn.n_rows)
        for run in (scene.run, *(run for run, _ in scene.overlays))
        if run is not None
    )
    found = _findings_of(scene.run, name)
    return Asked(
        (_keys(scene), name, group.name, group.begin, size, scene.settings, scene.moment),
        (told, tuple((i.key, i.regard, i.cleared, i.severity) for i in found)),
        partial(_chart, scene, name, group, size),
    )


def _keys(scene: Scene) -> tuple[str, ...]:
    return tuple(
        run.key for run in (scene.run, *(run for run, _ in scene.overlays)) if run is not None
    )


def _findings_of(run: RunView | None, name: str) -> tuple[Incident, ...]:
    return tuple(i for i in run.findings if i.metric == name) if run else ()


def _chart(scene: Scene, name: str, group: Group, size: tuple[int, int]) -> Grid:
    """Return the small chart of one metric, with its present value in its border."""
    height, width = size
    found, run = curve_of(scene, name), scene.run
    if run is None or found is None:
        title: list[Part] = [(group.label(name, width), Ink.DIM)]
        return empty(height, width, title, "no value is left", focus=False)
    told = told_value(run, scene.settings, found)
    value: list[Part] = [(spelled_value(run, name, told), Ink.STRONG)]
    label = group.label(name, width - width_of(value) - _BORDER_COST)
    titles = ([(label, Ink.TITLE)], [value])
    marks = marks_of(
        replace(run, findings=_findings_of(run, name)), scene.settings, name, events=False
    )
    marks += cross_hair(run, scene.settings)
    options = options_of(run, scene.settings)
    return boxed(
        height, width, titles, series_of(scene, found), marks, options, focus=False, aims=False
    )
