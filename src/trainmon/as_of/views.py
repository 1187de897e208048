"""All that there was to see when a run had come to a record: the other runs, and the machine."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from trainmon.as_of.runs import as_of
from trainmon.finite import finite
from trainmon.view import Machine, RunView, View

_NEAR = 10.0
"""Seconds before the moment in which a sample of the machine still tells of it: they come each
second, and rarely where a screen is not looked at."""


_SECONDS = 0.03
"""Time for other runs at a time: a key waits no longer, however many there are."""

_Known = tuple[RunView, int, RunView]
"""A run, the row as of which it was asked for, and how it stood there."""


class Past:
    """The view as of a record of one of its runs. Owned by the thread that draws.

    What it worked out it keeps for as long as it is asked for: runs that do not change are not
    looked at anew from view to view. Of hundreds some are looked at each time it is asked; until
    then a run is as it was told last, or not there yet.
    """

    def __init__(self, timer: Callable[[], float] = time.perf_counter) -> None:
        self.behind = 0
        """How many runs of the last view are still to be looked at."""
        self._timer = timer
        self._runs: dict[str, _Known] = {}
        """By their keys the runs of the last view."""

    def view(self, view: View, run: RunView, row: int, machines: Sequence[Machine] = ()) -> View:
        """Return a view as it was when one of its runs had come to a row.

        The other runs are as they were at that time; those that had not begun are not there, nor
        are those of which no time is told. `machines` are samples of this machine, the newest last.
        """
        begun, moment = self._timer(), time_of(run, row)
        before, self._runs, self.behind = self._runs, {}, 0
        self._runs[run.key] = _stood(run, row, before.get(run.key))
        for other in view.runs:
            at = None if other.key == run.key else _row_at(other, moment)
            known = before.get(other.key)
            if at is None:
                continue
            if known and known[0] is other and known[1] == at:
                self._runs[other.key] = known
            elif self._timer() - begun < _SECONDS:
                self._runs[other.key] = _stood(other, at, known)
            else:
                self.behind += 1
                if known:
                    self._runs[other.key] = known
        then = tuple(self._runs[each.key][2] for each in view.runs if each.key in self._runs)
        lately = [each for each in machines if moment is not None and each.time <= moment]
        machine = lately[-1] if lately and moment and moment - lately[-1].time <= _NEAR else None
        return replace(view, runs=then, machine=machine, reading=None, notices=(), failures=())


def _stood(run: RunView, row: int, known: _Known | None) -> _Known:
    """Return a run, a row, and how it stood there; as it is known already, if it is."""
    return known if known and known[0] is run and known[1] == row else (run, row, as_of(run, row))


def time_of(run: RunView, row: int) -> float | None:
    """Return when a run had come to a row, in Unix seconds; None if it tells no times."""
    times = run.lead.times[: row + 1]
    told = finite(times)
    return float(told[-1]) if len(told) else None


def _row_at(run: RunView, moment: float | None) -> int | None:
    """Return the last row that a run had come to at a time; None if there was none."""
    if moment is None:
        return None
    if run.last_time is not None and run.last_time <= moment:
        return run.lead.n_rows - 1
    reached = np.flatnonzero(run.lead.times[:] <= moment)
    return int(reached[-1]) if len(reached) else None
