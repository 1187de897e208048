"""A loader that fetches blocks of batches while nothing is prefetched behind them."""

from typing import Final

from trainmon.demo.recipe import Recipe, Stall

RECIPE: Final = Recipe(
    "the loader fetches 40 batches at a time: every 40th one waits 30 ms",
    hidden=(512, 512),  # some 5 ms of work a step, beside which an ordinary batch is free
    lr=1e-4,
    stall=Stall(every=40, seconds=0.03),
)
