"""Trainings that go well and tell something else."""

from tests.evaluation.recipe import FaultRecipe, Needs
from tests.evaluation.training.outcome import learned
from tests.evaluation.training.training import Training

NEEDS_ACCUM: Needs = {"config": "only the configuration tells of accumulation"}


def summed(training: Training) -> None:
    """Have the script log the sum of the micro-batches' losses where it trains on their mean."""
    accum = training.settings.accum
    training.reported = lambda loss: loss * accum


RECIPES = (
    FaultRecipe(
        name="sum-of-four-logged",
        says="the logged loss is the sum over four accumulated micro-batches, not their mean",
        tasks=("digits", "yields", "glyphs", "directions"),
        settings={"accum": 4, "batch_size": 16, "dropout": 0.0},
        twists=(summed,),
        rules=frozenset({"accumulation-misreport"}),
        causes=("accumulation-misreport",),
        needs=NEEDS_ACCUM,
        check=learned,
    ),
    FaultRecipe(
        name="sum-of-two-logged",
        says="the logged loss is the sum over two accumulated micro-batches, not their mean",
        tasks=("characters", "pairs", "sketches", "reversal"),
        settings={"accum": 2, "dropout": 0.0},
        twists=(summed,),
        rules=frozenset({"accumulation-misreport"}),
        causes=("accumulation-misreport",),
        needs=NEEDS_ACCUM,
        check=learned,
    ),
)
