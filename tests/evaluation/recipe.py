"""A recipe: what is changed in a training, on which tasks, and how one sees that it acted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.evaluation.case import Fault
from tests.evaluation.training.outcome import Check, Outcome, learned
from tests.evaluation.training.pace import Pace
from tests.evaluation.training.training import Style, Training

Twist = Callable[[Training], None]

Signal = Literal["config", "gradients", "each step", "ten steps", "raw loss"]
"""What a variant of a log may leave out: the configuration, all gradients, nine of ten steps, 49 of
50, the loss as it was before it was averaged."""


Needs = Mapping[Signal, str]
"""Signals without which nobody could tell from the log, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A healthy training, unless it is a `FaultRecipe`."""

    name: str
    says: str
    """What was done, in a few words."""
    tasks: tuple[str, ...]
    """Tasks of both halves, so that what is tuned on some is told of others."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Hyper-parameters that differ from the task's own."""
    lr_times: float = 1.0
    """What the task's learning rate is multiplied by."""
    twists: tuple[Twist, ...] = ()
    pace: Pace | None = None
    style: Style | None = None
    """None takes turns."""
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What of the run is logged, as `Shown` names it."""
    needs: Needs = field(default_factory=dict)
    """What a variant of the log must not leave out."""
    check: Check = learned
    """Whether the fault acted, or the healthy run learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRecipe(Recipe):
    """A training with a fault, and what a diagnosis must say of it."""

    rules: frozenset[str]
    causes: tuple[str, ...]
    onset: Callable[[Outcome], float] = lambda outcome: outcome.onset
    """The step at which the fault began to act; the twists tell it unless it is seen afterwards."""

    def fault(self, onset: float) -> Fault:
        """Return the truth about a training by this recipe."""
        return Fault(self.rules, self.causes, onset)
