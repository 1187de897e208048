"""Healthy runs on data that is not all one would wish for."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from tests.evaluation.recipe import Recipe, Twist
from tests.evaluation.training.outcome import all_of, ended_at, learned, logged, reached
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training

NOISE = 0.3
"""Share of labels that are drawn at random, in both splits."""


def long_tail(training: Training) -> None:
    """Keep ever fewer samples of each further class, in both splits."""

    def thinned(split: Split) -> Split:
        chance = 0.72 ** split.targets.numpy()
        return split.take(torch.as_tensor(training.rng.random(len(split)) < chance))

    data = training.data
    training.data = replace(data, train=thinned(data.train), val=thinned(data.val))
    training.steps_per_epoch = training.settings.steps_per_epoch(len(training.data.train))
    training.total_steps = training.settings.epochs * training.steps_per_epoch


def noisy_validation(training: Training) -> None:
    """Draw as many labels of the validation set at random as of the training set."""
    val = training.data.val
    drawn = val.targets[torch.as_tensor(training.rng.permutation(len(val)))]
    noisy = torch.as_tensor(training.rng.random(len(val)) < NOISE)
    labels = torch.where(noisy, drawn, val.targets)
    training.data = replace(training.data, val=Split(val.inputs, labels))


def noise_from(share: float) -> Twist:
    """Return a twist by which inputs are noisy from a share of the run on, which a phase tells."""

    def twist(training: Training) -> None:
        start = round(share * training.total_steps)

        def blur(step: int, batch: Split) -> Split:
            if step <= start:
                return batch
            noise = torch.as_tensor(training.rng.standard_normal(batch.inputs.shape, np.float32))
            return Split(batch.inputs + 0.5 * noise, batch.targets)

        def tell(step: int) -> None:
            if step == start:
                training.journal.event("phase", step, training.epoch(step), name="augmentation")

        training.on_batch.append(blur)
        training.after_step.append(tell)

    return twist


def late(values: NDArray[np.float64]) -> bool:
    """Return whether a metric is 0 in a quarter of the evaluations at least."""
    return bool((values == 0).mean() >= 0.25)


RECIPES = (
    Recipe(
        name="long-tail",
        says="the commonest class has thirteen times the samples of the rarest",
        tasks=("digits", "glyphs"),
        twists=(long_tail,),
        check=ended_at(0.95),
    ),
    Recipe(
        name="small-noisy-validation",
        says="forty samples judge: every evaluation is off by some percent",
        tasks=("digits", "yields", "glyphs", "tumours"),
        settings={"val_samples": 40},
        check=reached(0.95),
    ),
    Recipe(
        name="labels-with-a-floor",
        says="three tenths of all labels are random: the loss ends far above zero, as it must",
        tasks=("digits", "glyphs"),
        settings={"wrong_labels": NOISE, "width": 24, "epochs": 10, "weight_decay": 0.05},
        twists=(noisy_validation,),
        check=ended_at(0.5),
    ),
    Recipe(
        name="rare-class-late",
        says="no sample of a rare class scores above one half for long, while the ranking improves",
        tasks=("screening", "payments"),
        settings={"epochs": 40},
        lr_times=0.1,
        check=all_of(learned, logged("val/f1", late)),
    ),
    Recipe(
        name="curriculum",
        says="a phase begins in which inputs are noisy: the loss rises once, as intended",
        tasks=("digits", "cells", "glyphs", "directions"),
        twists=(noise_from(0.4),),
        check=ended_at(0.9),
    ),
)
