"""Regularisation that leaves nothing to learn with."""

from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import worse_than

STIFLED = frozenset(
    {
        "class-collapse",
        "degenerate-scores",
        "frozen-metric",
        "grad-vanishing",
        "metric-zero",
        "not-learning",
        "train-above-val",
        "update-ratio",
    }
)

RECIPES = (
    FaultRecipe(
        name="weight-decay-absurd",
        says="weight decay pulls all weights to zero faster than they can grow",
        tasks=("digits", "yields", "glyphs", "waves"),
        settings={"weight_decay": 100.0, "optimizer": "adamw", "lr": 3e-3},
        rules=STIFLED,
        causes=("over-regularised",),
        needs={"config": "only the configuration tells of weight decay"},
        check=worse_than(0.5),
    ),
    FaultRecipe(
        name="dropout-absurd",
        says="dropout leaves one unit in fifty",
        tasks=("digits", "characters", "directions", "payments"),
        settings={"dropout": 0.98, "depth": 3, "optimizer": "adamw", "lr": 1e-3},
        rules=STIFLED,
        causes=("over-regularised",),
        needs={"config": "only the configuration tells of dropout"},
        check=worse_than(0.7),
    ),
)
