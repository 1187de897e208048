"""What a chart of one metric shows: its curve, those of runs laid over it, its value in words."""

from collections.abc import Callable, Mapping

from trainmon.roles import Role
from trainmon.ui.charts.chart import Series
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, duration, number, share
from trainmon.ui.curves.curves import Curve, curve
from trainmon.ui.scene import Scene
from trainmon.view import RunView

_TRAIN = frozenset({Role.TRAIN_LOSS, Role.LOSS_PART, Role.TRAIN_METRIC})
_VAL = frozenset({Role.VAL_LOSS, Role.VAL_LOSS_PART, Role.VAL_METRIC})

_SPELL: Mapping[str, Callable[[float], str]] = {"s": duration, "B": bytes_, "share": share}
"""How values of a unit are spelled; others are plain numbers."""


def curve_of(scene: Scene, name: str) -> Curve | None:
    """Return a metric of the run of a scene; None if there is no value of it."""
    return curve(scene.run, name, scene.settings) if scene.run else None


def series_of(scene: Scene, found: Curve, *, named: bool = False) -> list[Series]:
    """Return what is drawn of a metric: the run's own curve over those of the runs laid over it.

    With `named` the others are called by their names.
    """
    series = []
    for other, ink in scene.overlays:
        drawn = curve(other, found.name, scene.settings)
        if drawn:
            series.append(Series(drawn.x, drawn.y, ink, Ink.FAINT, other.name if named else ""))
    ink, raw = inks_of(scene.run, found.name) if scene.run else (Ink.SIGNAL, Ink.SIGNAL_RAW)
    return [*series, Series(found.x, found.y, ink, raw)]


def inks_of(run: RunView, name: str) -> tuple[Ink, Ink]:
    """Return the inks of a metric's line and of the raw band below it."""
    role = run.context.role(name).role
    if role in _TRAIN:
        return Ink.TRAIN, Ink.TRAIN_RAW
    return (Ink.VAL, Ink.VAL_RAW) if role in _VAL else (Ink.SIGNAL, Ink.SIGNAL_RAW)


def spelled_value(run: RunView, name: str, value: float) -> str:
    """Return a value of a metric in words, with its unit where the name tells it."""
    return _SPELL.get(run.context.role(name).unit, number)(value)
