"""A metrics line in the making: value by value, some of which may still be on a device."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from trainmon.record import EVENT_KEY, HEADER_KEY, spell
from trainmon.writer.copies import device_of
from trainmon.writer.plain import text
from trainmon.writer.scalar import LeaveOut, Scalar, held_here, require_one, scalar

_LINE_KINDS = frozenset({HEADER_KEY, EVENT_KEY})
"""Keys by which readers tell a line's kind: as a metric's name they would make it another."""

_DEPTH_LIMIT = 8
"""Slashes in the name of a nested metric: ``val/tail/fpr`` has two, and a mapping that holds
itself would have no end of them."""

_NON_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})


class ReservedNameError(ValueError):
    """A metric or field is called what readers take for something else."""

    def __init__(self) -> None:
        super().__init__("has a name by which readers tell the kind or the place of a line")


class Several(NamedTuple):
    """The elements of a 1-D tensor as metrics of these names, so that one transfer brings all."""

    names: Sequence[str]
    tensor: Any


@dataclass(slots=True)
class Draft:
    """The numbers of one line by name; those on a device have a place and no value yet."""

    line: dict[str, Scalar] = field(default_factory=dict)
    on_device: list[Several] = field(default_factory=list)

    def arrive(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Fill in what has arrived."""
        for name, value in zip(names, values, strict=True):
            self.line[name] = spell(value)

    def give_up(self, names: Sequence[str]) -> None:
        """Take out what will not arrive."""
        for name in names:
            self.line.pop(name, None)

    def non_finite(self) -> list[str]:
        """Return the names whose values are NaN or infinite."""
        return [name for name, value in self.line.items() if value in _NON_FINITE]

    def encoded(self) -> bytes:
        """Return the line, ending in a newline."""
        return orjson.dumps(self.line, None, orjson.OPT_APPEND_NEWLINE)


def draft_of(metrics: object, position: Mapping[str, object], leave_out: LeaveOut) -> Draft:
    """Return the draft of `metrics` logged at `position`; `leave_out` is told what it lacks.

    Raises `TypeError` if `metrics` is no mapping.
    """
    if not isinstance(metrics, Mapping):
        kind = type(metrics).__name__
        raise TypeError(f"log() takes a mapping of names to numbers, not a {kind}")
    draft = Draft()
    _put_all(draft, metrics, position, leave_out)
    for name, value in position.items():
        _put(draft, name, value, leave_out)
    return draft


def _put_all(
    draft: Draft,
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
            _put_all(draft, value, position, leave_out, f"{name}/")
        else:
            _put(draft, name, value, leave_out)


def _put(draft: Draft, name: str, value: object, leave_out: LeaveOut) -> None:
    try:
        if isinstance(value, Several):
            _put_several(draft, value)
            return
        value = held_here(value)
        if device_of(value) is not None:
            require_one(value)
            draft.line[name] = None
            draft.on_device.append(Several((name,), value))
        else:
            draft.line[name] = scalar(value)
    except Exception as error:  # noqa: BLE001 - a foreign object may raise anything when read
        leave_out(name, error)


def _put_several(draft: Draft, several: Several) -> None:
    if device_of(several.tensor) is None:
        draft.arrive(several.names, several.tensor.tolist())
        return
    draft.line |= dict.fromkeys(several.names)
    draft.on_device.append(several)
