"""Where the step of a lane went back: what stands before, from that step on, was redone."""

import numpy as np

from trainmon.store.batch import Batch

REWINDS_LIMIT = 1_000
"""Times that a step may go back; more is no resuming but streams that are mixed in one log."""


class Rewinds:
    """The rows at which the step went back. Owned by the monitor thread."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.left_out = 0
        """Times beyond the limit."""
        self._last_step, self._last_epoch = -np.inf, np.nan

    def found(self, batch: Batch, base: int) -> list[int]:
        """Return the rows of a read whose step is lower than the one before, and remember them.

        Rows are counted from `base` on. Where the epoch went on, steps are counted within epochs,
        and nothing was redone.
        """
        if not batch.n_rows:
            return []
        steps = batch.steps
        if not batch.events and steps[0] >= self._last_step and (steps[1:] >= steps[:-1]).all():
            self._last_step, self._last_epoch = float(steps[-1]), float(batch.epochs[-1])
            return []  # as in nearly all reads, at a third of the time
        told = ~np.isnan(batch.steps)
        told[[event.row for event in batch.events]] = False
        at = np.flatnonzero(told)
        if not len(at):
            return []
        steps = np.concatenate(([self._last_step], batch.steps[at]))
        epochs = np.concatenate(([self._last_epoch], batch.epochs[at]))
        self._last_step, self._last_epoch = float(steps[-1]), float(epochs[-1])
        redone = (steps[1:] < steps[:-1]) & ~(epochs[1:] > epochs[:-1])
        found: list[int] = (at[redone] + base).tolist()
        rows = found[: REWINDS_LIMIT - len(self.rows)]
        self.left_out += len(found) - len(rows)
        self.rows.extend(rows)
        return rows
