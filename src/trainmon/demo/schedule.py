"""The learning rate of a demo training: a linear warm-up, then a cosine down to a floor."""

from math import cos, pi
from typing import Final

from trainmon.demo.recipe import Recipe

FLOOR: Final = 0.02
"""The last learning rate as a share of the peak: small enough to settle, and never quite 0."""


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the rate of a step (from 1) of a run of `steps` steps.

    >>> recipe = Recipe("an example", lr=1.0, warmup=0.1)
    >>> [round(learning_rate(recipe, step, 100), 2) for step in (1, 10, 55, 100)]
    [0.1, 1.0, 0.51, 0.02]
    """
    warmup_steps = max(round(recipe.warmup * steps), 1)
    if step <= warmup_steps:
        rate = recipe.lr * step / warmup_steps
    else:
        progress = (step - warmup_steps) / max(steps - warmup_steps, 1)
        rate = recipe.lr * (FLOOR + (1 - FLOOR) * (1 + cos(pi * progress)) / 2)
    surge = recipe.surge
    if surge and 0 <= step - round(surge.at * steps) < surge.steps:
        rate *= surge.factor
    return rate
