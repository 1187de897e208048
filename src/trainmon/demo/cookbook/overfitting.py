"""A training set so small that the network learns its wrong labels by heart."""

from typing import Final

from trainmon.demo.recipe import Recipe

RECIPE: Final = Recipe(
    "600 samples, a fifth of them mislabelled: val loss turns up at a third of the run",
    batch_size=24,
    wrong_labels=0.2,
    hidden=(128, 128),  # 18,000 weights, thirty for each sample
    lr=1.2e-3,
    warmup=0.3,  # learn the rule first and the exceptions later, so that the turn can be watched
    clip=None,
)
