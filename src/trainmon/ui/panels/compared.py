"""One metric of two runs over what both have in common, and where they part."""

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from trainmon.comparison import CurveComparison
from trainmon.reference import Axis
from trainmon.ui.charts.axis import XKind
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.panel import Panel
from trainmon.ui.runs.side_by_side import COMPARING, SideBySide
from trainmon.ui.scene import Scene

_NAME_SHARE = 4
"""The part of the panel's width that the name of a run may take."""

_HINT = (
    "no other run to compare with:\n"
    "trainmon watch logs/ shows all runs of a folder; space on one of them lays it over"
)


class ComparedPanel(Panel):
    """The curves of two runs."""

    title = "compared"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "metric(1)", "next metric", tooltip="the next metric of both runs"),
        Binding("up,k", "metric(-1)", "last metric", show=False, tooltip="the one before"),
        Binding("x", "axis", "axis", tooltip="at equal samples, epochs or steps"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._metric = 0
        self._axis = 0

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the runs, which metric, and how charts are drawn."""
        side = COMPARING.of(scene)
        return scene.state, scene.settings, id(side), self._metric, self._axis

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        shown = self._metric, self._axis
        return draw_compared(scene, COMPARING.of(scene), shown, height, width, focus=self.has_focus)

    def action_metric(self, by: int) -> None:
        """Go on to the next metric, or back."""
        self._metric, self._axis = self._metric + by, 0
        self._redraw()

    def action_axis(self) -> None:
        """Go on to the next axis."""
        self._axis += 1
        self._redraw()


def draw_compared(
    scene: Scene,
    side: SideBySide | None,
    shown: tuple[int, int],
    height: int,
    width: int,
    *,
    focus: bool = False,
) -> Grid:
    """Return a metric of two runs; `shown` is its number, and that of the axis."""
    title: list[Part] = [("compared", Ink.TITLE)]
    curve = side.curve(shown[0]) if side else None
    if side is None or curve is None:
        hint = "these runs log no metric in common" if side else _HINT
        return empty(height, width, title, hint if scene.run else "", focus=focus)
    axes = side.axes(curve)
    axis = axes[shown[1] % len(axes)] if axes else curve.axis
    ours, theirs = side.run.curves[curve.pair.name], side.other.curves[curve.pair.other]
    inks = side.ink, Ink.TRAIN
    series = [
        Series(*theirs.on(axis), inks[0], Ink.FAINT, side.other.name),
        Series(*ours.on(axis), inks[1], Ink.TRAIN_RAW, side.run.name),
    ]
    options = ChartOptions(
        log_y=scene.settings.log_y,
        smooth=0.0 if curve.pair.evaluates else scene.settings.smooth,
        robust=scene.settings.robust,
        x_kind=_KINDS[axis],
    )
    title = [(curve.pair.name, Ink.TITLE), (f"  at equal {_PLURALS[axis]}", Ink.DIM)]
    values = _values(side, curve, width)
    return boxed(
        height,
        width,
        (title, values),
        series,
        _parted(curve, axis),
        options,
        focus=focus,
        aims=False,
    )


_KINDS: dict[Axis, XKind] = {
    Axis.SAMPLES: "samples",
    Axis.TOKENS: "tokens",
    Axis.EPOCH: "epoch",
    Axis.STEP: "step",
}

_PLURALS = {
    Axis.SAMPLES: "samples",
    Axis.TOKENS: "tokens",
    Axis.EPOCH: "epochs",
    Axis.STEP: "steps",
}


def _values(side: SideBySide, curve: CurveComparison, width: int) -> list[list[Part]]:
    """Return where both runs stand at the end of what both have gone through."""
    ends = zip((side.run.name, side.other.name), (Ink.TRAIN, side.ink), curve.ends, strict=True)
    values: list[list[Part]] = []
    for name, ink, end in ends:
        label = shortened([(name, ink)], max(5, width // _NAME_SHARE))
        gap = "   " if values else ""
        values.append([(gap, ink), *label, (f" {number(end)}", Ink.STRONG)])
    return values


def _parted(curve: CurveComparison, axis: Axis) -> list[Mark]:
    """Return the mark of the place from which on they stay apart."""
    if curve.parted is None or axis not in curve.at:
        return []
    return [Mark(curve.at[axis], None, "◇", Ink.STRONG, "apart from here")]
