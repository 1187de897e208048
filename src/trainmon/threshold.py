"""A threshold of a rule: a dataclass field that carries the reason for its value."""

from dataclasses import field, fields
from typing import Any, TypeVar

Limits = TypeVar("Limits")


def threshold(value: Any, why: str) -> Any:  # noqa: ANN401 - typed at its use, as dataclasses.field is
    """Return a field with a default and its unit and reason, which the rule's page prints."""
    return field(default=value, metadata={"why": why})


def thresholds(kind: type[Limits], rule: object) -> Limits:
    """Return those thresholds of a rule that a part of it asks for, by the names of its fields.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Part:
    ...     looks: int
    >>> @dataclass(frozen=True)
    ... class Whole:
    ...     looks: int = threshold(3, "in a row")
    ...     share: float = threshold(0.5, "of the layers")
    >>> thresholds(Part, Whole())
    Part(looks=3)
    """
    asked = fields(kind)  # type: ignore[arg-type]  # every kind of limits is a dataclass
    return kind(**{item.name: getattr(rule, item.name) for item in asked})
