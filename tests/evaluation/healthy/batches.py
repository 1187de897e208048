"""Healthy runs with batches of all sizes."""

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.outcome import ended_at

RECIPES = (
    Recipe(
        name="tiny-batch",
        says="four samples a batch: the loss is mostly noise",
        tasks=("digits", "yields", "glyphs", "sketches"),
        settings={"batch_size": 4, "epochs": 3},
        lr_times=0.25,
        check=ended_at(0.93),
    ),
    Recipe(
        name="large-batch",
        says="a third of the training set in each batch",
        tasks=("digits", "yields", "glyphs", "directions"),
        settings={"batch_size": 448, "epochs": 150, "evaluate_every": 6.0},
        check=ended_at(0.97),
    ),
    Recipe(
        name="accumulated",
        says="four micro-batches a step, and the mean of their losses is logged",
        tasks=("digits", "characters", "glyphs", "sketches"),
        settings={"accum": 4, "batch_size": 16},
    ),
)
