"""A metrics line: the numbers of one step and where it stands, as strict JSON.

Ordinary floats take the short way, one call into orjson. Whatever that refuses or would garble
(tensors, NaN, nested or oddly named metrics) takes the long way, value by value.
"""

from collections.abc import Collection, Mapping
from math import isfinite
from typing import TYPE_CHECKING

import orjson

from trainmon.record import EVENT_KEY, HEADER_KEY
from trainmon.writer.plain import text
from trainmon.writer.scalar import LeaveOut, Scalar, scalar

if TYPE_CHECKING:  # needed by annotations alone
    from typing import Any

_NEWLINE = orjson.OPT_APPEND_NEWLINE

_LINE_KINDS = frozenset({HEADER_KEY, EVENT_KEY})
"""Keys by which readers tell a line's kind: as a metric's name they would make it another."""

_DEPTH_LIMIT = 8
"""Slashes in the name of a nested metric: ``val/tail/fpr`` has two, and a mapping that holds
itself would have no end of them."""


class ReservedNameError(ValueError):
    """A metric or field is called what readers take for something else."""

    def __init__(self) -> None:
        super().__init__("has a name by which readers tell the kind or the place of a line")


def metrics_line(
    metrics: Mapping[str, object], position: Mapping[str, object], leave_out: LeaveOut
) -> bytes:
    r"""Return the line, ending in a newline, of `metrics` logged at `position`.

    The position holds ``time`` and, where given, ``step`` and ``epoch``; else those among the
    metrics count as such. Raises `TypeError` if `metrics` is no mapping.

    >>> metrics_line({"train/loss": 0.5, "lr": float("nan")}, {"step": 1, "time": 2.5}, print)
    b'{"train/loss":0.5,"lr":"NaN","step":1,"time":2.5}\n'
    """
    try:
        # The metrics come first, as a copied dictionary costs half of one filled name by name.
        line: dict[str, Any] = {**metrics, **position}
        of_one_kind = EVENT_KEY not in line and HEADER_KEY not in line
        if of_one_kind and len(line) == len(metrics) + len(position):
            encoded = orjson.dumps(line, None, _NEWLINE)
            # orjson writes NaN as null. The sum is finite only if all are, and it refuses
            # what JSON can hold but no metric is: text, lists, gaps.
            if isfinite(sum(line.values())):
                return encoded
    except (TypeError, ValueError, OverflowError):
        pass  # the long way looks at each value alone and tells which one it was
    return _long_way(metrics, position, leave_out)


def _long_way(metrics: object, position: Mapping[str, object], leave_out: LeaveOut) -> bytes:
    if not isinstance(metrics, Mapping):
        kind = type(metrics).__name__
        raise TypeError(f"log() takes a mapping of names to numbers, not a {kind}")
    line: dict[str, Scalar] = {}
    _put_all(line, metrics, position, leave_out)
    for name, value in position.items():
        _put(line, name, value, leave_out)
    return orjson.dumps(line, None, _NEWLINE)


def _put_all(
    line: dict[str, Scalar],
    metrics: Mapping[str, object],
    position: Collection[str],
    leave_out: LeaveOut,
    prefix: str = "",
) -> None:
    for key, value in metrics.items():
        name = prefix + text(key)
        if name in _LINE_KINDS or name in position:
            leave_out(name, ReservedNameError())
        elif isinstance(value, Mapping) and name.count("/") < _DEPTH_LIMIT:
            _put_all(line, value, position, leave_out, f"{name}/")
        else:
            _put(line, name, value, leave_out)


def _put(line: dict[str, Scalar], name: str, value: object, leave_out: LeaveOut) -> None:
    try:
        line[name] = scalar(value)
    except Exception as error:  # noqa: BLE001 - a foreign object may raise anything when read
        leave_out(name, error)
