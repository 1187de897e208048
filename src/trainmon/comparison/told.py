"""A run to compare with that a configuration tells of by itself: its settings, and some values.

    config={"lr": 1e-4, "reference": {"lr": 2.5e-4, "curve": {"val/iou": {"3": 0.424}}}}

A curve is given by epochs. A mere name tells nothing here, and a path is not opened.
"""

from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType

import numpy as np

from trainmon.configuration import OF_REFERENCE, Setting, number_in
from trainmon.reference import Axis, Curve, Reference
from trainmon.roles import RunRoles

_CURVE = "curve/"

_NAME = "the reference"
"""What it is called where it has no name."""


def told_reference(settings: Mapping[str, Setting]) -> Reference | None:
    """Return the run to compare with that settings tell of; None if they do not, or no `lr` of it.

    >>> told = {"reference/lr": 2.5e-4, "reference/curve/val/iou/3": 0.424}
    >>> reference = told_reference(told)
    >>> dict(reference.settings), reference.curves["val/iou"].values.tolist()
    ({'lr': 0.00025}, [0.424])
    """
    if f"{OF_REFERENCE}lr" not in settings:
        return None
    told = {
        name.removeprefix(OF_REFERENCE): value
        for name, value in settings.items()
        if name.startswith(OF_REFERENCE)
    }
    values: dict[str, dict[float, float]] = {}
    for name in told:
        metric, _, epoch = name.removeprefix(_CURVE).rpartition("/")
        value, at = number_in(told, name), _number(epoch)
        if name.startswith(_CURVE) and metric and value is not None and at is not None:
            values.setdefault(metric, {})[at] = value
    curves = {metric: _curve(by_epoch) for metric, by_epoch in values.items()}
    rest = {name: value for name, value in told.items() if not name.startswith(_CURVE)}
    return Reference(
        str(told.get("name") or told.get("run") or _NAME),
        MappingProxyType(rest),
        MappingProxyType(curves),
        RunRoles().including(tuple(curves)),
    )


def _curve(by_epoch: Mapping[float, float]) -> Curve:
    epochs = np.array(sorted(by_epoch), np.float64)
    values = np.array([by_epoch[epoch] for epoch in epochs.tolist()], np.float64)
    return Curve(values, MappingProxyType({Axis.EPOCH: epochs}))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
