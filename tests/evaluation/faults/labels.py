"""Targets that do not belong to their inputs."""

from dataclasses import replace

import torch

from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import worse_than
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training

UNLEARNED = frozenset(
    {
        "class-collapse",
        "degenerate-scores",
        "frozen-metric",
        "metric-zero",
        "not-learning",
        "overfitting",
    }
)
"""What a model looks like that finds nothing to learn, or learns it by heart."""


def dealt_out(training: Training) -> None:
    """Deal out all labels anew, of both splits, as a join on the wrong key does."""
    train, val = (_dealt(training, split) for split in (training.data.train, training.data.val))
    training.data = replace(training.data, train=train, val=val)


def shifted(training: Training) -> None:
    """Give each sample of the training set its neighbour's label."""
    train = training.data.train
    moved = Split(train.inputs, train.targets.roll(1, 0))
    training.data = replace(training.data, train=moved)


def validation_dealt_out(training: Training) -> None:
    """Deal out the labels of validation alone, as a second file in another order does."""
    training.data = replace(training.data, val=_dealt(training, training.data.val))


def _dealt(training: Training, split: Split) -> Split:
    order = torch.as_tensor(training.rng.permutation(len(split)))
    return Split(split.inputs, split.targets[order])


RECIPES = (
    FaultRecipe(
        name="labels-dealt-out",
        says="the labels of both splits belong to other samples",
        tasks=("digits", "yields", "glyphs", "tumours"),
        twists=(dealt_out,),
        rules=UNLEARNED,
        causes=("labels-misaligned",),
        check=worse_than(0.2),
    ),
    FaultRecipe(
        name="labels-shifted",
        says="the labels of the training set are shifted by one sample",
        tasks=("digits", "yields", "glyphs", "payments"),
        twists=(shifted,),
        rules=UNLEARNED,
        causes=("labels-misaligned",),
        check=worse_than(0.2),
    ),
    FaultRecipe(
        name="validation-labels-dealt-out",
        says="the labels of validation, and they alone, belong to other samples",
        tasks=("digits", "directions", "glyphs", "tumours"),
        twists=(validation_dealt_out,),
        rules=UNLEARNED,
        causes=("labels-misaligned",),
        needs={"ten steps": "training has learned before the first record that is left"},
        check=worse_than(0.2),
    ),
)
