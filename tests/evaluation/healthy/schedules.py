"""Healthy runs with each of the usual learning-rate schedules."""

from tests.evaluation.recipe import Recipe

RECIPES = (
    Recipe(
        name="as-usual",
        says="nothing special",
        tasks=("digits", "screening", "yields", "characters", "glyphs", "tumours", "payments"),
    ),
    Recipe(
        name="constant-rate",
        says="a constant learning rate",
        tasks=("digits", "yields", "glyphs", "payments"),
        lr_times=0.5,
        settings={"schedule": "constant"},
    ),
    Recipe(
        name="step-decay",
        says="the learning rate falls tenfold, twice",
        tasks=("digits", "characters", "glyphs", "tumours"),
        settings={"schedule": "step"},
    ),
    Recipe(
        name="one-cycle",
        says="the learning rate rises over a third of the run and falls to almost nothing",
        tasks=("screening", "yields", "glyphs", "payments"),
        settings={"schedule": "one-cycle"},
    ),
    Recipe(
        name="warm-restarts",
        says="the learning rate returns to its peak twice",
        tasks=("digits", "screening", "payments", "tumours"),
        settings={"schedule": "restarts"},
    ),
    Recipe(
        name="long-warmup",
        says="the learning rate rises over three tenths of the run",
        tasks=("characters", "digits", "glyphs", "tumours"),
        settings={"warmup": 0.3},
    ),
)
