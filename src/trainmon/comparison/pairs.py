"""Which metrics of two runs are the same, and which of them decides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trainmon.errors import UnknownNameError
from trainmon.reference import Reference
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed

_DECIDING = (Role.VAL_METRIC, Role.RETURN, Role.VAL_LOSS, Role.TRAIN_LOSS, Role.TRAIN_METRIC)
"""Roles of metrics that say how well a run goes, the one that decides first."""

_OF_TRAINING = frozenset({Role.TRAIN_LOSS, Role.TRAIN_METRIC, Role.LOSS_PART})

_HALVES = ("precision", "recall", "tpr", "fpr", "tnr", "fnr", "sensitivity", "specificity")
"""What says little without its other half: it decides only where nothing else does."""

_ONE_IN_EACH = frozenset({Role.RETURN, Role.VAL_LOSS, Role.TRAIN_LOSS})
"""Roles of which one metric is judged, so that those of two runs are the same by any name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A metric that both runs log."""

    name: str
    """As the run calls it that is looked at."""
    other: str
    """As the other one calls it."""
    direction: Direction
    evaluates: bool = True
    """Whether it was measured in evaluations, and not on training data alone."""


def pairs(run: Reference, other: Reference, metric: str | None = None) -> tuple[Pair, ...]:
    """Return the metrics that both log, the one that decides first: `metric`, if it is given.

    Raises `UnknownNameError` if not both log that one.
    """
    found = {pair.name: pair for pair in _found(run, other)}
    if metric is None:
        return tuple(found.values())
    chosen = _pair(run, other, metric) or _pair(run, other, _own_name(run, metric))
    if chosen is None:
        raise UnknownNameError("metric of both runs", metric, found)
    found.pop(chosen.name, None)
    return (chosen, *found.values())


def _found(run: Reference, other: Reference) -> Iterator[Pair]:
    for each in (run, other):
        if each.monitored is not None and (pair := _pair(run, other, each.monitored[0])):
            yield pair
    for role in _DECIDING:
        names = by_weight(run.roles.by_role.get(role, ()))
        judged = run.roles.judged.get(role)
        for name in (judged,) if judged and role in _ONE_IN_EACH else names:
            pair = _pair(run, other, name)
            if pair is not None and pair.direction != Direction.UNKNOWN:
                yield pair


def _pair(run: Reference, other: Reference, name: str) -> Pair | None:
    """Return the metric of both that the run calls `name`."""
    if name not in run.curves:
        return None
    role = run.roles.of(name).role
    called = counterpart(other, name, role)
    if called is None:
        return None
    directions = (run.direction(name), other.direction(called))
    known = (direction for direction in directions if direction != Direction.UNKNOWN)
    return Pair(name, called, next(known, Direction.UNKNOWN), role not in _OF_TRAINING)


def counterpart(other: Reference, name: str, role: Role) -> str | None:
    """Return what a run calls a metric that another one calls `name`; None if it logs no such."""
    for called in (name, _own_name(other, name)):
        if called in other.curves:
            return called
    judged = other.roles.judged.get(role) if role in _ONE_IN_EACH else None
    return judged if judged in other.curves else None


def by_weight(names: Iterable[str]) -> list[str]:
    """Return evaluation metrics with those last that say little by themselves.

    >>> by_weight(["val/precision", "val/recall", "val/map50"])
    ['val/map50', 'val/precision', 'val/recall']
    """
    return sorted(names, key=lambda name: parsed(name).word.startswith(_HALVES))


def _own_name(run: Reference, name: str) -> str:
    """Return what a run calls a metric that another one calls `name`: ``val_iou`` or ``val/iou``.

    It is `name` itself if the run has nothing of the kind.
    """
    wanted = _identity(name)
    return next((each for each in run.curves if _identity(each) == wanted), name)


def _identity(name: str) -> tuple[str, str, str]:
    parts = parsed(name)
    return parts.split, parts.quantity, parts.twin
