"""Healthy runs that are held back on purpose."""

from torch import Tensor
from torch.nn import functional

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.outcome import ended_at
from tests.evaluation.training.task import Parts
from tests.evaluation.training.training import Training

GAMMA = 2.0
"""Of the focal loss, as its authors propose."""


def focal(training: Training) -> None:
    """Have samples that are right already count for little."""

    def loss(outputs: Tensor, targets: Tensor) -> Parts:
        plain = functional.binary_cross_entropy_with_logits(
            outputs, targets.float(), reduction="none"
        )
        return {"": ((1 - (-plain).exp()) ** GAMMA * plain).mean()}

    training.loss = loss
    training.config["loss"] = "focal"


RECIPES = (
    Recipe(
        name="heavy-dropout",
        says="half of all units are dropped: the training loss stays above that of validation",
        tasks=("digits", "characters", "directions", "payments"),
        settings={"dropout": 0.5, "width": 128},
        check=ended_at(0.85),
    ),
    Recipe(
        name="label-smoothing",
        says="a tenth of each target is spread over all classes: the loss ends far from zero",
        tasks=("digits", "characters", "glyphs", "waves"),
        settings={"label_smoothing": 0.1},
        check=ended_at(0.6),
    ),
    Recipe(
        name="strong-weight-decay",
        says="weight decay of the usual strength for transformers",
        tasks=("digits", "cells", "reversal", "tumours"),
        settings={"weight_decay": 0.3},
        check=ended_at(0.95),
    ),
    Recipe(
        name="focal-loss",
        says="a focal loss: small from the first epoch on",
        tasks=("screening", "payments", "tumours"),
        twists=(focal,),
        check=ended_at(0.9),
    ),
)
