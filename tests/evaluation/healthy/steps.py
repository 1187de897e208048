"""Healthy runs with noise, clipping and skipped steps."""

import numpy as np

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.outcome import Check, Outcome, all_of, ended_at, learned
from tests.evaluation.training.scaler import Scaler, scaled
from tests.evaluation.training.training import Training


def clipped(limit: float, least: float, most: float) -> Check:
    """Return a check of the share of steps whose gradients were clipped."""

    def check(outcome: Outcome) -> bool:
        norms = np.array([r["grad_norm"] for r in outcome.records if "grad_norm" in r], float)
        return least <= float(np.mean(norms > limit)) <= most

    return check


def half_precision(training: Training) -> None:
    """Train with a loss scale that is doubled and halved now and then."""
    scaled(training, Scaler())


RECIPES = (
    Recipe(
        name="clipped-now-and-then",
        says="gradients of norms around the limit: some are clipped, as intended",
        tasks=("digits", "yields", "glyphs", "waves"),
        settings={"clip": 1.0},
        check=all_of(learned, clipped(1.0, 0.02, 0.8)),
    ),
    Recipe(
        name="loss-scale",
        says="the loss scale is halved now and then, and the step skipped",
        tasks=("digits", "characters", "glyphs", "directions"),
        twists=(half_precision,),
        check=learned,
    ),
    Recipe(
        name="noisy-sgd",
        says="momentum and small batches at a constant rate: the loss goes up and down",
        tasks=("digits", "yields", "glyphs", "tumours"),
        settings={
            "optimizer": "sgd",
            "lr": 0.02,
            "batch_size": 16,
            "epochs": 8,
            "schedule": "constant",
            "weight_decay": 1e-4,
        },
        check=ended_at(0.93),
    ),
)
