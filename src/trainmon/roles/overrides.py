"""What a person says that metrics are, which counts more than what their names tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from trainmon.errors import UnknownNameError, UsageError
from trainmon.roles.reading import role_of
from trainmon.roles.role import Direction, MetricRole, Role

_SYNONYMS = {
    "lr": Role.LEARNING_RATE,
    "group_lr": Role.GROUP_LEARNING_RATE,
    "gradient_norm": Role.GRAD_NORM,
}

_ROLES = {role.name.lower(): role for role in Role if role != Role.LOSS} | _SYNONYMS
"""Every role by its name in snake case."""

_DIRECTIONS = {"higher": Direction.HIGHER, "lower": Direction.LOWER}


@dataclass(frozen=True, slots=True)
class Override:
    """One metric, or all that a pattern matches, and what they are."""

    pattern: str
    """A metric's name, or a pattern with ``*``, ``?`` and ``[]``."""
    role: Role
    direction: Direction = Direction.UNKNOWN
    """`UNKNOWN` leaves the direction that the name tells, or that the role has."""

    def matches(self, name: str) -> bool:
        """Return whether a metric is meant."""
        return name == self.pattern or fnmatchcase(name, self.pattern)

    def of(self, name: str) -> MetricRole:
        """Return what a metric that is meant is."""
        told = role_of(name)
        direction = self.direction
        if direction == Direction.UNKNOWN:
            direction = _NATURAL.get(self.role, told.direction)
        return MetricRole(self.role, direction, told.unit)


_NATURAL = {
    Role.TRAIN_LOSS: Direction.LOWER,
    Role.VAL_LOSS: Direction.LOWER,
    Role.DATA_TIME: Direction.LOWER,
    Role.STEP_TIME: Direction.LOWER,
    Role.THROUGHPUT: Direction.HIGHER,
    Role.RETURN: Direction.HIGHER,
}
"""The direction of roles that have one, whatever a metric is called."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """All that a person says; the first that matches a name counts."""

    told: tuple[Override, ...] = ()

    def __iter__(self) -> Iterator[Override]:
        return iter(self.told)

    def __bool__(self) -> bool:
        return bool(self.told)

    def role_of(self, name: str) -> MetricRole:
        """Return the role of a metric: as told, else as its name tells."""
        override = self._for(name)
        return override.of(name) if override else role_of(name)

    def names(self, name: str) -> bool:
        """Return whether something is told of a metric."""
        return self._for(name) is not None

    def unused(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the patterns that none of these metrics matches."""
        known = list(names)
        return tuple(
            override.pattern
            for override in self.told
            if not any(override.matches(name) for name in known)
        )

    def _for(self, name: str) -> Override | None:
        return next((override for override in self.told if override.matches(name)), None)


def parsed_override(text: str) -> Override:
    """Return what ``ROLE=METRIC`` or ``ROLE=METRIC:higher`` says, or raise `UsageError`.

    >>> parsed_override("val_metric=my_score:higher").pattern
    'my_score'
    >>> parsed_override("train_loss=*_criterion").role
    <Role.TRAIN_LOSS: 'train loss'>
    """
    role, sign, metric = text.partition("=")
    if not sign or not metric.strip() or not role.strip():
        raise UsageError(f"'{text}' is no role of a metric", hint="write ROLE=METRIC[:higher]")
    return override(role.strip(), metric.strip())


def override(role: str, metric: str) -> Override:
    """Return the override of a metric, or raise `UnknownNameError` for a role there is not.

    A metric may end in ``:higher`` or ``:lower``; other colons belong to its name.
    """
    known = _ROLES.get(role.lower().replace(" ", "_"))
    if known is None:
        raise UnknownNameError("role", role, _ROLES)
    name, _, ending = metric.rpartition(":")
    if name and ending in _DIRECTIONS:
        return Override(name, known, _DIRECTIONS[ending])
    return Override(metric, known)
