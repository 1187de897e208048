"""Runs told apart by their epochs, where iterations are counted within each of them."""

from collections.abc import Collection
from math import inf

import numpy as np

from trainmon.json_lines.naming import Mask
from trainmon.store.batch import Batch


class EpochRuns:
    """Finds where a log's epochs begin anew. Owned by its source.

    Trainers that count iterations within epochs resume at the border of an epoch. So one that is
    back in the epoch in which its run began has begun another, wherever its first record stands:
    it may log more rarely than the run before.
    """

    def __init__(self) -> None:
        self._first_epoch = inf
        self._last = (-inf, -inf)
        self._within_epochs = False

    def begins(self, batch: Batch, trained: Mask, certain: Collection[int]) -> list[int]:
        """Return the rows of training that begin a run, those of `certain` included."""
        found = set(certain)
        rows = np.flatnonzero(trained & ~np.isnan(batch.epochs) & ~np.isnan(batch.steps))
        places = zip(batch.epochs[rows].tolist(), batch.steps[rows].tolist(), strict=True)
        borders = sorted(found)
        for row, place in zip(rows.tolist(), places, strict=True):
            while borders and borders[0] <= row:
                del borders[0]
                self._first_epoch, self._last = inf, (-inf, -inf)
            epoch, step = place
            if epoch > self._last[0]:
                self._within_epochs |= step <= self._last[1]
            elif self._within_epochs and epoch <= self._first_epoch and place <= self._last:
                found.add(row)
                self._first_epoch = epoch
            self._first_epoch = min(self._first_epoch, epoch)
            self._last = place
        if borders:
            self._first_epoch, self._last = inf, (-inf, -inf)
        return sorted(found)
