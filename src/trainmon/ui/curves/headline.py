"""What the largest chart shows of a run: its losses, or what there is instead."""

from dataclasses import dataclass

from trainmon.roles import Role
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.curves import Curve, curve, first_of
from trainmon.ui.scene import Settings
from trainmon.view import RunView


@dataclass(frozen=True, slots=True)
class Line:
    """One curve, what it is called, and its colours: smoothed, and the raw band under it."""

    curve: Curve
    label: str
    ink: Ink
    raw: Ink


@dataclass(frozen=True, slots=True)
class Headline:
    """What is drawn, and what it is."""

    title: str
    lines: tuple[Line, ...]


_INSTEAD = (
    ("return", (Role.RETURN,)),
    ("loss parts", (Role.LOSS_PART, Role.VAL_LOSS_PART)),
    ("metric", (Role.VAL_METRIC,)),
    ("metric", (Role.TRAIN_METRIC,)),
)
"""What is shown where no loss is known, by title: of each role the first metric."""


def headline(run: RunView, settings: Settings) -> Headline | None:
    """Return the losses of a run, else the first of what there is instead, or None."""
    train = curve(run, run.context.train_loss, settings)
    val = curve(run, run.context.val_loss, settings)
    if train or val:
        return Headline("loss", _lines((train, "train"), (val, "val")))
    for title, roles in _INSTEAD:
        found = [first_of(run, settings, role) for role in roles]
        if any(found):
            return Headline(title, _lines(*((each, each.name if each else "") for each in found)))
    return None


_COLOURS = ((Ink.TRAIN, Ink.TRAIN_RAW), (Ink.VAL, Ink.VAL_RAW))


def _lines(*curves: tuple[Curve | None, str]) -> tuple[Line, ...]:
    return tuple(
        Line(each, label, *colours)
        for (each, label), colours in zip(curves, _COLOURS, strict=False)
        if each is not None
    )
