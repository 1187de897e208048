"""What is told of a cause. It stands apart from the graph of causes, which takes long to load."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["primary", "accelerator", "enabler"]
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One cause of a run's trouble."""

    cause: str
    title: str
    role: Role
    confidence: Confidence
    because: tuple[str, ...]
    """The rules whose findings speak for it, or fold under it."""
    rivals: tuple[str, ...]
    decider: str
    """What would tell it from its rivals."""
    disproof: str
    fix: tuple[str, ...]
    undecided: bool = False
    """Whether the first rival is as likely: only the decider tells."""
