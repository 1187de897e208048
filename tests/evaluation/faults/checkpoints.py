"""Checkpoints that are never written, for a reason that stands in the configuration."""

from tests.evaluation.recipe import FaultRecipe, Needs, Twist
from tests.evaluation.training.outcome import learned
from tests.evaluation.training.training import Training


def kept_by(metric: str | None, *, inverted: bool = False) -> Twist:
    """Return a twist by which checkpoints are kept by another metric, or the wrong way round."""

    def twist(training: Training) -> None:
        task = training.task
        training.config |= {"checkpoint": "best", "save_top_k": 1}
        if metric:
            training.config["monitor"] = metric
            training.shown.checkpoints = False
        if inverted:
            training.config["mode"] = "min" if task.mode == "max" else "max"
            training.keeps_the_worst = True
        training.onset = training.steps_per_epoch * training.settings.evaluate_every

    return twist


NEEDS: Needs = {"config": "only the configuration tells that checkpoints are wanted"}

RECIPES = (
    FaultRecipe(
        name="checkpoint-by-a-metric-that-is-not-there",
        says="the metric by which checkpoints are kept is never logged",
        tasks=("digits", "yields", "glyphs", "waves"),
        twists=(kept_by("val/f1_weighted"),),
        style="writer",
        rules=frozenset({"checkpoint-missing"}),
        causes=("checkpoint-missing",),
        needs=NEEDS,
        check=learned,
    ),
    FaultRecipe(
        name="checkpoint-mode-inverted",
        says="the lowest accuracy counts as the best: nothing is kept after the first evaluation",
        tasks=("digits", "cells", "glyphs", "reversal"),
        twists=(kept_by(None, inverted=True),),
        style="writer",
        rules=frozenset({"checkpoint-missing"}),
        causes=("checkpoint-missing",),
        needs=NEEDS,
        check=learned,
    ),
)
