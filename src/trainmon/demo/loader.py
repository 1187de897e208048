"""Shuffled minibatches, epoch after epoch, with the waits and the breakage of a recipe."""

from collections.abc import Callable, Iterator

import numpy as np

from trainmon.demo.recipe import Recipe
from trainmon.demo.task import Split


def batches(
    split: Split, recipe: Recipe, rng: np.random.Generator, sleep: Callable[[float], None]
) -> Iterator[Split]:
    """Yield batches without end; each epoch sees every sample once, in an order of its own."""
    delivered = 0
    while True:
        order = rng.permutation(len(split.labels))
        for start in range(0, len(order), recipe.batch_size):
            chosen = order[start : start + recipe.batch_size]
            delivered += 1
            if recipe.stall and delivered % recipe.stall.every == 0:
                sleep(recipe.stall.seconds)
            inputs = split.inputs.take(chosen, axis=0)  # a quarter of the time of indexing
            if recipe.corruption and delivered % recipe.corruption.every == 0:
                inputs = np.roll(inputs, 1, axis=1) * np.float32(recipe.corruption.scale)
            yield Split(inputs, split.labels.take(chosen))
