"""A threshold of a rule: a dataclass field that carries the reason for its value."""

from dataclasses import field
from typing import Any


def threshold(value: Any, why: str) -> Any:  # noqa: ANN401 - typed at its use, as dataclasses.field is
    """Return a field with a default and its unit and reason, which the rule's page prints."""
    return field(default=value, metadata={"why": why})
