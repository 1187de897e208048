"""Models that are told the answer."""

from dataclasses import replace

import torch

from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training


def target_among_the_inputs(training: Training) -> None:
    """Leave a column among the features that was made from the target."""

    def leaked(split: Split) -> Split:
        inputs = split.inputs.clone()
        flat = inputs.view(len(inputs), -1)
        classes = int(training.task.config["num_classes"])
        flat[:, :classes] = 6.0 * torch.nn.functional.one_hot(split.targets, classes)
        return Split(inputs, split.targets)

    data = training.data
    training.data = replace(data, train=leaked(data.train), val=leaked(data.val))


def first_is_perfect(outcome: Outcome) -> bool:
    """Return whether the first evaluation is above .99."""
    told = [r["val/accuracy"] for r in outcome.records if "val/accuracy" in r]
    return bool(told[0] > 0.99)


RECIPES = (
    FaultRecipe(
        name="target-among-the-inputs",
        says="some features were made from the target",
        tasks=("digits", "glyphs"),
        lr_times=2.0,
        settings={"warmup": 0.0, "dropout": 0.0},
        twists=(target_among_the_inputs,),
        rules=frozenset({"suspiciously-good"}),
        causes=("leakage",),
        check=first_is_perfect,
    ),
)
