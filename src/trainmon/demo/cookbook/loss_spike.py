"""Now and then a batch is decoded wrongly; clipping keeps the damage small."""

from typing import Final

from trainmon.demo.recipe import Corruption, Recipe

RECIPE: Final = Recipe(
    "one broken batch in 170: the loss jumps and is back at the next step",
    corruption=Corruption(every=170, scale=3.0),
)
