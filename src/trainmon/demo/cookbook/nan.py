"""A learning rate far too high and nothing to hold it: the weights overflow."""

from typing import Final

from trainmon.demo.recipe import Recipe

RECIPE: Final = Recipe(
    "the warm-up climbs to a learning rate of 3 without clipping: spikes, then NaN",
    batch_size=256,
    hidden=(64, 64, 64, 64),  # a product of five matrices: once it grows, it grows fast
    optimizer="sgd",
    lr=3.0,
    warmup=0.5,  # so slow that it learns well until the rate passes what the loss can bear
    clip=None,
)
