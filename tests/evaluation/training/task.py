"""What a model is trained on, and how one sees whether it has learned it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from torch import Tensor, nn

from tests.evaluation.case import Half
from tests.evaluation.training.settings import Settings
from trainmon.writer.summaries.evaluation import Evaluation

Parts = Mapping[str, Tensor]
"""The parts of a loss, weighted; a loss without parts has one, called ``""``."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples and their targets, first axis first."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, chosen: Tensor) -> "Split":
        """Return some samples."""
        return Split(self.inputs[chosen], self.targets[chosen])

    def first(self, count: int | None) -> "Split":
        """Return the first samples; all if `count` is None."""
        return self if count is None else Split(self.inputs[:count], self.targets[:count])


@dataclass(frozen=True, slots=True)
class Data:
    """What is learned from, and what is judged by."""

    train: Split
    val: Split
    names: tuple[str, ...] = ()
    """Of the features, where they have any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One problem with its data, its network and sensible hyper-parameters."""

    half: Half
    settings: Settings
    data: Callable[[np.random.Generator], Data]
    model: Callable[[Settings], nn.Module]
    loss: Callable[[Tensor, Tensor, Settings], Parts]
    """Of outputs and targets."""
    judge: Callable[[Tensor, Tensor, float], Evaluation]
    """Of outputs and targets, and the threshold where there is one."""
    loss_name: str
    monitor: str
    """The metric that decides, as the log names it."""
    mode: Literal["min", "max"] = "max"
    chance: float
    """The monitored metric of a model that knows nothing."""
    good: float
    """What every healthy run of the task reaches."""
    plain_metrics: tuple[str, ...]
    """What a script logs that computes its metrics itself, without the writer's evaluation."""
    logs_val_loss: bool = True
    """Whether its scripts compute the loss of an evaluation."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the header tells beyond the settings."""

    def quality(self, value: float) -> float:
        """Return what a value of the monitored metric is worth: 0 is chance, 1 is good."""
        return (value - self.chance) / (self.good - self.chance)
