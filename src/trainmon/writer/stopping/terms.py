"""What was agreed when an early stopping was made: which metrics decide, and how patiently."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from trainmon.writer.stopping.direction import Mode, mode_of

PATIENCE = 3
"""Evaluations without a better one that are waited for: fewer would stop at one odd evaluation."""

ALSO = "val/loss"
"""The metric that nearly every evaluation has beside the one that matters."""

Complain = Callable[[str], None]
"""Told what makes no sense, and what is taken instead."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one early stopping, each of them valid."""

    metric: str
    mode: Mode
    patience: int = PATIENCE
    """Evaluations in a row without a better one after which it stops; at least 1."""
    min_delta: float = 0.0
    """How much better, in units of `metric`, an evaluation must be to count as better."""
    also: str | None = ALSO
    """The metric that decides while `metric` stands still."""
    also_mode: Mode = "min"
    start_after: int = 0
    """Evaluations at the start that do not count towards the patience."""


def terms(  # one argument per term, as a user may get any of them wrong
    metric: object,
    *,
    mode: object = None,
    patience: object = PATIENCE,
    min_delta: object = 0.0,
    also: object = ALSO,
    also_mode: object = None,
    start_after: object = 0,
    complain: Complain,
) -> Terms:
    """Return the terms asked for; those that make no sense are replaced, and `complain` is told.

    >>> agreed = terms("val/f1", patience=0, complain=print)
    patience=0 makes no sense; 3 is taken
    >>> agreed.mode, agreed.patience, agreed.also, agreed.also_mode
    ('max', 3, 'val/loss', 'min')
    """
    name = str(metric)
    second = None if also is None or also == metric else str(also)
    return Terms(
        metric=name,
        mode=_mode("mode", mode, name, complain),
        patience=int(_at_least(1, "patience", patience, PATIENCE, complain)),
        min_delta=_at_least(0, "min_delta", min_delta, 0, complain),
        also=second,
        also_mode=_mode("also_mode", also_mode, second or "", complain),
        start_after=int(_at_least(0, "start_after", start_after, 0, complain)),
    )


def _mode(term: str, value: object, metric: str, complain: Complain) -> Mode:
    if value == "max":
        return "max"
    if value == "min":
        return "min"
    suggested = mode_of(metric)
    if value is not None:
        complain(f"{term}={value!r} is neither 'max' nor 'min'; {suggested!r} is taken")
    return suggested


def _at_least(lowest: float, term: str, value: Any, instead: float, complain: Complain) -> float:  # noqa: ANN401 - whatever float() takes
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if isfinite(number) and number >= lowest:
        return number
    complain(f"{term}={value!r} makes no sense; {instead} is taken")
    return instead
