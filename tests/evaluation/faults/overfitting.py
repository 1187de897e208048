"""Models that learn the training set by heart."""

import numpy as np

from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.training import Training

RISE = 1.12
"""How far above its best the validation loss must end, as a factor."""


def overfitted(outcome: Outcome) -> bool:
    """Return whether the validation loss turned up while the training loss fell on."""
    told = [r for r in outcome.records if "val/loss" in r]
    values = np.array([r["val/loss"] for r in told], float)
    best = int(values.argmin())
    turn = int(told[best]["step"])
    before = np.mean(outcome.losses[max(turn - 20, 0) : turn])
    falls = bool(np.mean(outcome.losses[-20:]) < 0.7 * before)
    return falls and best < 0.6 * len(values) and float(values[-3:].mean()) > RISE * values[best]


def best_step(outcome: Outcome) -> float:
    """Return the step of the evaluation with the lowest loss."""
    told = [r for r in outcome.records if "val/loss" in r]
    return float(min(told, key=lambda record: float(record["val/loss"]))["step"])


OVERFIT = frozenset({"overfitting"})


def judged_by_its_loss(training: Training) -> None:
    """Let the validation loss decide, and not how well the scores rank, which may hold."""
    training.config |= {"monitor": "val/loss", "mode": "min"}


UNHELD = {
    "batch_size": 32,
    "width": 256,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "schedule": "constant",
    "evaluate_every": 2.0,
}
"""A large network that nothing holds back."""

RECIPES = (
    FaultRecipe(
        name="too-few-samples",
        says="a large network and some hundred samples, without any regularisation",
        tasks=("characters", "sketches"),
        settings={**UNHELD, "samples": 220, "epochs": 110},
        rules=OVERFIT,
        causes=("overfitting", "missing-early-stop"),
        check=overfitted,
        onset=best_step,
    ),
    FaultRecipe(
        name="too-few-positives",
        says="a large network and a few dozen positives, without any regularisation",
        tasks=("screening", "payments"),
        settings={**UNHELD, "samples": 800, "epochs": 32},
        twists=(judged_by_its_loss,),
        rules=OVERFIT,
        causes=("overfitting", "missing-early-stop"),
        needs={"config": "only the configuration tells that the loss decides"},
        check=overfitted,
        onset=best_step,
    ),
    FaultRecipe(
        name="wrong-labels-by-heart",
        says="a third of the labels are wrong, and the network is large enough to learn them",
        tasks=("digits", "yields", "glyphs"),
        settings={**UNHELD, "samples": 320, "epochs": 80, "wrong_labels": 0.35},
        rules=OVERFIT,
        causes=("overfitting", "missing-early-stop"),
        check=overfitted,
        onset=best_step,
    ),
)
