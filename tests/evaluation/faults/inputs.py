"""Inputs as they came out of a file: not normalised."""

from dataclasses import replace

from torch import Tensor

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import any_of, broke, worse_than
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training

RAW = frozenset(
    {
        "class-collapse",
        "clip-saturation",
        "degenerate-scores",
        "grad-explosion",
        "grad-vanishing",
        "init-loss-high",
        "loss-divergence",
        "loss-spike",
        "metric-zero",
        "non-finite",
        "not-learning",
        "unnormalised-inputs",
        "update-ratio",
    }
)
"""What huge inputs do to a network that was made for small ones."""


def raw_values(scale: float, offset: float) -> Twist:
    """Return a twist by which all inputs have this standard deviation and mean."""

    def twist(training: Training) -> None:
        def raw(split: Split) -> Split:
            return Split(split.inputs * scale + offset, split.targets)

        data = training.data
        training.data = replace(data, train=raw(data.train), val=raw(data.val))

    return twist


def one_raw_feature(training: Training) -> None:
    """Leave the last feature as it is stored: a time stamp of five digits."""

    def stamped(inputs: Tensor) -> Tensor:
        changed = inputs.clone()
        changed[:, -1] = 4e4 + 2e4 * inputs[:, -1]
        return changed

    data = training.data
    train = Split(stamped(data.train.inputs), data.train.targets)
    val = Split(stamped(data.val.inputs), data.val.targets)
    names = tuple(f"f{index}" for index in range(data.train.inputs.shape[1] - 1))
    training.data = replace(data, train=train, val=val, names=(*names, "time"))


RECIPES = (
    FaultRecipe(
        name="raw-inputs",
        says="all features have a mean of 30,000 and a deviation of 2,000",
        tasks=("digits", "yields", "tumours", "payments"),
        settings={"clip": 1.0},
        twists=(raw_values(2e3, 3e4),),
        style="writer",
        rules=RAW,
        causes=("unnormalised-inputs",),
        check=any_of(broke, worse_than(0.8)),
    ),
    FaultRecipe(
        name="one-raw-feature",
        says="one feature has values up to 100,000, the others are normalised",
        tasks=("screening", "yields", "tumours", "payments"),
        twists=(one_raw_feature,),
        style="writer",
        rules=RAW,
        causes=("unnormalised-inputs",),
        check=any_of(broke, worse_than(0.8)),
    ),
)
