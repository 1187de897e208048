"""Two epochs at a huge learning rate switch the hidden units off for good."""

from typing import Final

from trainmon.demo.recipe import STEPS_PER_EPOCH, Recipe, Surge

RECIPE: Final = Recipe(
    "two epochs at 2,000 times the learning rate kill the ReLUs: F1 drops to 0 and stays",
    batch_size=256,
    hidden=(64, 64, 64),
    lr=5e-4,
    surge=Surge(at=0.4, steps=2 * STEPS_PER_EPOCH, factor=2_000),
)
