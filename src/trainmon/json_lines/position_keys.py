"""The keys under which records of JSON tell where they stand."""

from dataclasses import replace

import numpy as np

from trainmon.roles import EARLIEST_TIME
from trainmon.store.batch import Batch, PositionKeys

LATEST_TIME = 1e11
"""Unix seconds (the year 5138): a larger ``time`` counts milliseconds or still finer."""

_THOUSAND = 1e3

KEYS = PositionKeys(
    step=(
        "step",
        "global_step",
        "iteration",
        "iter",
        "_step",
        "trainer/global_step",
        "train/global_step",
        "n_iter",
        "num_updates",
        "update",
        "updates",
        "train_step",
        "current_steps",
        "global_iter",
        "iterations",
        "it",
        "batch",  # these two last: where a record has a better name, they count within an epoch
        "i",
    ),
    epoch=("epoch", "train/epoch", "epochs", "current_epoch"),
    time=("time", "timestamp", "_timestamp", "wall_time", "ts", "created_at", "unix_time"),
    earliest_time=EARLIEST_TIME,
)


def in_seconds(batch: Batch) -> Batch:
    """Return a batch whose times count seconds, whatever finer unit they were written in."""
    times = batch.times
    if not np.any(times >= LATEST_TIME):  # not where all are NaN, either
        return batch
    times = times.copy()
    for _ in range(3):  # milliseconds, microseconds, nanoseconds
        times[times >= LATEST_TIME] /= _THOUSAND
    return replace(batch, times=times)
