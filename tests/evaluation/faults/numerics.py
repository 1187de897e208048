"""Numbers that stop being numbers."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import Outcome, all_of, any_of, broke, fell_below, learned
from tests.evaluation.training.task import Parts, Split
from tests.evaluation.training.training import Training

NOT_A_NUMBER = frozenset({"non-finite", "grad-explosion"})


def broken_batch(at: float, value: float) -> Twist:
    """Return a twist that plants a value in one sample of the batch at a share of the run."""

    def twist(training: Training) -> None:
        planted = round(at * training.total_steps)
        training.onset = planted

        def plant(step: int, batch: Split) -> Split:
            if step != planted:
                return batch
            inputs = batch.inputs.clone()
            inputs[0] = value
            return Split(inputs, batch.targets)

        training.on_batch.append(plant)

    return twist


def unscaled_batch(at: float, scale: float) -> Twist:
    """Return a twist by which the batch at a share of the run is read at a wrong offset, unscaled.

    Scaled alone, a network without biases to speak of would still be right, and not be moved.
    """

    def twist(training: Training) -> None:
        planted = round(at * training.total_steps)
        training.onset = planted

        def multiply(step: int, batch: Split) -> Split:
            if step != planted:
                return batch
            return Split(batch.inputs.roll(1, 0) * scale, batch.targets)

        training.on_batch.append(multiply)

    return twist


def unscaled_batches(share: float, scale: float) -> Twist:
    """Return a twist by which a share of the batches, one here and one there, is read like that."""

    def twist(training: Training) -> None:
        total = training.total_steps
        later = np.arange(round(_BEGUN * total), total)
        steps = training.rng.choice(later, round(share * total), replace=False)
        training.onset = float(steps.min())

        def multiply(step: int, batch: Split) -> Split:
            if step not in steps:
                return batch
            return Split(batch.inputs.roll(1, 0) * scale, batch.targets)

        training.on_batch.append(multiply)

    return twist


_BEGUN = 0.15
"""Share of the run before the first of them, in which the model has learned something."""


def dearest_tenth(outcome: Outcome) -> bool:
    """Return whether a few batches make up a third of the sum of all losses."""
    losses = np.sort(np.array(outcome.losses))
    return bool(losses[-len(losses) // 10 :].sum() >= losses.sum() / 3)


def logarithm_of_half(training: Training) -> None:
    """Have the loss take the logarithm of a softmax in half precision: 0 once the model is sure."""
    training.config["precision"] = "float16"

    def loss(outputs: Tensor, targets: Tensor) -> Parts:
        shares = outputs.softmax(-1).half().float()
        right = torch.nn.functional.one_hot(targets, outputs.shape[-1])
        return {"": -(right * shares.log()).sum(-1).mean()}  # 0 x log 0 is NaN

    training.loss = loss
    training.on_metrics.append(_first_not_finite(training))


def scaled_by_range(training: Training) -> None:
    """Have each batch scaled by the range of its last feature, which is 0 in one of them."""
    flat = round(0.4 * training.total_steps)
    training.onset = flat

    def normalise(step: int, batch: Split) -> Split:
        inputs = batch.inputs.clone()
        if step == flat:
            inputs[:, -1] = inputs[0, -1]
        low, high = inputs[:, -1].min(), inputs[:, -1].max()
        inputs[:, -1] = 4 * (inputs[:, -1] - low) / (high - low) - 2
        return Split(inputs, batch.targets)

    training.on_batch.append(normalise)


def _first_not_finite(training: Training) -> Callable[[int, dict[str, float]], None]:
    def note(step: int, metrics: dict[str, float]) -> None:
        loss = metrics["train/loss"]
        if loss != loss and not training.onset:  # noqa: PLR0124 - true for NaN alone
            training.onset = step

    return note


RECIPES = (
    FaultRecipe(
        name="nan-in-a-batch",
        says="one sample of one batch is NaN",
        tasks=("digits", "screening", "glyphs", "payments"),
        twists=(broken_batch(0.45, float("nan")),),
        rules=NOT_A_NUMBER,
        causes=("bad-batch",),
        check=broke,
    ),
    FaultRecipe(
        name="infinity-in-a-batch",
        says="one sample of one batch is infinite",
        tasks=("yields", "digits", "tumours", "glyphs"),
        twists=(broken_batch(0.3, float("inf")),),
        rules=NOT_A_NUMBER,
        causes=("bad-batch",),
        check=broke,
    ),
    FaultRecipe(
        name="division-by-zero",
        says="a batch is divided by the range of a feature that does not vary in it",
        tasks=("screening", "yields", "tumours", "payments"),
        twists=(scaled_by_range,),
        rules=NOT_A_NUMBER,
        causes=("bad-batch", "precision-overflow"),
        check=broke,
    ),
    FaultRecipe(
        name="log-of-zero",
        says="the loss takes the logarithm of a softmax in half precision that has become 0",
        tasks=("digits", "glyphs"),
        twists=(logarithm_of_half,),
        rules=NOT_A_NUMBER,
        causes=("precision-overflow", "bad-batch"),
        check=broke,
    ),
    FaultRecipe(
        name="huge-batch",
        says="one batch is read at a wrong offset and unscaled, and nothing clips its gradient",
        tasks=("digits", "yields", "glyphs"),
        settings={"optimizer": "sgd", "lr": 0.03, "weight_decay": 1e-4, "clip": None},
        twists=(unscaled_batch(0.5, 5e3),),
        rules=frozenset(
            {
                "loss-spike",
                "loss-divergence",
                "metric-collapse",
                "grad-explosion",
                "non-finite",
                "class-collapse",
            }
        ),
        causes=("bad-batch",),
        check=any_of(broke, fell_below(0.7)),
    ),
    FaultRecipe(
        name="unscaled-files",
        says="some files are read unscaled: their batches come and go, and each is over at once",
        tasks=("digits", "yields", "glyphs", "tumours"),
        settings={"clip": 0.5},
        twists=(unscaled_batches(0.02, 60.0),),
        rules=frozenset({"loss-spike", "grad-explosion"}),
        causes=("bad-batch",),
        needs={
            "each step": "of ten such batches one is logged",
            "raw loss": "an average rises and falls for many steps",
        },
        check=all_of(learned, dearest_tenth),
    ),
)
