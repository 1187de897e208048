"""One logged value as one JSON number, whatever library it comes from.

Tensors and arrays are recognised by what they can do (``.item()``, ``.shape``), never by their
type: that would import torch or numpy into scripts that do without them.
"""

from collections.abc import Callable
from math import prod
from typing import SupportsFloat

from trainmon.record import spell

Scalar = bool | int | float | str | None
"""What stands for a number on a line: a string only for NaN and the infinities, None for a gap."""

LeaveOut = Callable[[str, Exception], None]
"""Told the name of each value that a line does not hold, and why."""

INTEGERS = range(-(1 << 63), 1 << 64)
"""The integers that orjson writes: signed or unsigned 64 bits."""


class NotOneNumberError(ValueError):
    """A value that is not one number; the message says what it is instead."""


class SeveralNumbersError(NotOneNumberError):
    """A tensor, array or the like with more or fewer than one element."""


def scalar(value: object) -> Scalar:
    """Return the number that `value` is, fit for strict JSON.

    Raises `NotOneNumberError`, or whatever the value itself raises when asked for its number.

    >>> from decimal import Decimal
    >>> scalar(Decimal("0.5")), scalar(float("nan")), scalar("3e-4"), scalar(1 << 70)
    (0.5, 'NaN', 0.0003, 1.1805916207174113e+21)
    """
    if isinstance(value, float):  # most are, and need not be asked for anything
        return spell(float(value))
    require_one(value)
    item = getattr(value, "item", None)
    return _number(item() if callable(item) else value)


def held_here(value: object) -> object:
    """Return `value`, of a `DTensor` the copy that this process has.

    Raises `NotOneNumberError` if it is spread over processes: to gather it takes all of them, and
    not all may log.
    """
    placements = getattr(value, "placements", None)
    if not isinstance(placements, tuple) or not hasattr(value, "to_local"):
        return value
    if not all(placement.is_replicate() for placement in placements):
        raise NotOneNumberError("is spread over processes; log its full_tensor(), got by all")
    local: object = value.to_local()
    return local


def require_one(value: object) -> None:
    """Raise `SeveralNumbersError` if `value` is a tensor or array of more or fewer than one."""
    shape = getattr(value, "shape", ())
    if prod(shape) != 1:
        raise SeveralNumbersError(f"has shape {tuple(shape)}; log one number of it")


def _number(value: object) -> Scalar:
    if isinstance(value, float):
        return spell(float(value))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in INTEGERS:
        return int(value)
    if isinstance(value, str):
        return _spelled(value)
    if isinstance(value, SupportsFloat):
        return spell(float(value))
    raise NotOneNumberError(f"is of type {type(value).__name__}, not a number")


def _spelled(text: str) -> Scalar:
    try:
        return spell(float(text))
    except ValueError:
        raise NotOneNumberError(
            "is text, not a number; log.event('note', text=...) keeps it"
        ) from None
