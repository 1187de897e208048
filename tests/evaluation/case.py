"""What the evaluation judges: the log of one real training, and what is known to be wrong in it."""

from dataclasses import dataclass, field
from typing import Literal

from trainmon.store.batch import Record

Half = Literal["tuning", "reported"]
"""Thresholds may be chosen on the first half; figures are told of the second alone."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How much of a training its log tells."""

    every: int = 1
    """Steps from one record of the training to the next."""
    config: bool = True
    """Whether the header tells the configuration."""
    gradients: bool = True
    """Whether gradient norms and update ratios are logged."""
    smoothing: float = 0.0
    """The weight of the past in the exponential average that the logged train loss is of."""

    @property
    def name(self) -> str:
        """The variant in a few words: ``every 10, no config``."""
        words = [f"every {self.every}"]
        words += [] if self.config else ["no config"]
        words += [] if self.gradients else ["no gradients"]
        words += [f"smoothed {self.smoothing:g}"] if self.smoothing else []
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to a training, and what a diagnosis of it must say."""

    rules: frozenset[str]
    """Any finding of these at warning or above names the fault; some are `info` by nature and count
    at any severity when no rule of the set can warn."""
    causes: tuple[str, ...]
    """The primary causes that are right, the best first."""
    onset_step: float
    """The step at which the trouble begins to act."""


@dataclass(frozen=True, slots=True)
class Case:
    """One log and the truth about it."""

    recipe: str
    task: str
    seed: int
    half: Half
    variant: Variant
    records: tuple[Record, ...] = field(repr=False)
    fault: Fault | None = None
    """None for a healthy run."""

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.recipe} / {self.task} / seed {self.seed} / {self.variant.name}"
