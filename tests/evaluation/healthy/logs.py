"""Healthy runs of which the log tells little, or tells it otherwise."""

from typing import Any

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.training import Training


def loss_alone(training: Training) -> None:
    """Log the loss and nothing else that is known at each step."""

    def strip(_: int, metrics: dict[str, float]) -> None:
        for name in set(metrics) - {"train/loss"}:
            del metrics[name]

    training.on_metrics.append(strip)


def once_an_epoch(training: Training) -> None:
    """Log the mean loss of each epoch, at its end."""
    training.shown.every = training.steps_per_epoch
    losses: list[float] = []

    def average(step: int, metrics: dict[str, float]) -> None:
        losses.append(metrics["train/loss"])
        if step % training.steps_per_epoch == 0:
            for name in set(metrics) - {"train/loss", "lr"}:
                del metrics[name]
            metrics["train/loss"] = sum(losses) / len(losses)
            losses.clear()

    training.on_metrics.append(average)


def in_percent(training: Training) -> None:
    """Log accuracies in percent."""

    def change(_: dict[str, Any], metrics: dict[str, float]) -> None:
        metrics["val/acc1"] = 100 * metrics.pop("val/accuracy")

    training.on_evaluation.append(change)


RECIPES = (
    Recipe(
        name="loss-alone",
        says="nothing but the losses is logged",
        tasks=("digits", "yields", "glyphs", "payments"),
        style="plain",
        twists=(loss_alone,),
    ),
    Recipe(
        name="no-validation",
        says="nothing is evaluated",
        tasks=("digits", "characters", "glyphs", "reversal"),
        shown={"evaluations": False},
    ),
    Recipe(
        name="once-an-epoch",
        says="one record an epoch, with the mean of its losses",
        tasks=("digits", "yields", "glyphs", "tumours"),
        style="plain",
        twists=(once_an_epoch,),
    ),
    Recipe(
        name="in-percent",
        says="accuracies are told in percent",
        tasks=("digits", "glyphs", "waves"),
        style="plain",
        twists=(in_percent,),
    ),
    Recipe(
        name="no-epochs",
        says="the log tells steps and no epochs",
        tasks=("screening", "characters", "directions", "sketches"),
        shown={"epochs": False},
    ),
)
