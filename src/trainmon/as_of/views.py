"""All that there was to see when a run had come to a record: the other runs, and the machine."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainmon.as_of.runs import as_of
from trainmon.view import Machine, RunView, View

_NEAR = 10.0
"""Seconds before the moment in which a sample of the machine still tells of it: they come each
second, and rarely where a screen is not looked at."""


class Past:
    """The view as of a record of one of its runs. Owned by the thread that draws.

    What it worked out it keeps for as long as it is asked for: runs that do not change are not
    looked at anew from view to view.
    """

    def __init__(self) -> None:
        self._runs: dict[str, tuple[RunView, int, RunView]] = {}
        """By its key a run, the row as of which it was asked for, and how it stood."""

    def view(self, view: View, run: RunView, row: int, machines: Sequence[Machine] = ()) -> View:
        """Return a view as it was when one of its runs had come to a row.

        The other runs are as they were at that time; those that had not begun are not there, nor
        are those of which no time is told. `machines` are samples of this machine, the newest last.
        """
        time = time_of(run, row)
        rows = {each.key: _row_at(each, time) for each in view.runs} | {run.key: row}
        then = [self._stood(each, at) for each in view.runs if (at := rows[each.key]) is not None]
        kept = {each.key for each in then}
        self._runs = {key: known for key, known in self._runs.items() if key in kept}
        lately = before(machines, time)
        machine = lately[-1] if lately and time and time - lately[-1].time <= _NEAR else None
        return replace(
            view, runs=tuple(then), machine=machine, reading=None, notices=(), failures=()
        )

    def _stood(self, run: RunView, row: int) -> RunView:
        known = self._runs.get(run.key)
        if known is None or known[0] is not run or known[1] != row:
            known = self._runs[run.key] = run, row, as_of(run, row)
        return known[2]


def time_of(run: RunView, row: int) -> float | None:
    """Return when a run had come to a row, in Unix seconds; None if it tells no times."""
    times = run.lead.times[: row + 1]
    told = times[np.isfinite(times)]
    return float(told[-1]) if len(told) else None


def before(machines: Sequence[Machine], time: float | None) -> tuple[Machine, ...]:
    """Return the samples that had been taken at a time."""
    return tuple(each for each in machines if time is not None and each.time <= time)


def _row_at(run: RunView, time: float | None) -> int | None:
    """Return the last row that a run had come to at a time; None if there was none."""
    if time is None:
        return None
    if run.last_time is not None and run.last_time <= time:
        return run.lead.n_rows - 1
    reached = np.flatnonzero(run.lead.times[:] <= time)
    return int(reached[-1]) if len(reached) else None
