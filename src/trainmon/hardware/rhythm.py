"""When the training told something: its rhythm, without lines that tell of the machine alone."""

from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.once import once
from trainmon.record import CONSTANT_READINGS, EventKind
from trainmon.roles import Role
from trainmon.store.batch import Floats, LogEvent, Rows
from trainmon.store.lane import Lane

_RECENT_GAPS = 256
"""Gaps between records whose median is the step: recent enough to follow a change of pace."""

_ALWAYS = ("sys/rss", "sys/cpu")
"""Readings that each line of them has, whatever becomes of a driver."""


@once
def of_machine(context: Context) -> str | None:
    """Return a reading that each line of the machine tells; None where the log has none."""
    names = context.names(Role.SYSTEM)
    told = (name for name in names if name.rpartition("/")[2] not in CONSTANT_READINGS)
    return next((name for name in _ALWAYS if name in names), None) or next(told, None)


class Rhythm(NamedTuple):
    """When the training told something, since the process began."""

    last_time: float = np.nan
    last_row: int = 0
    gaps: tuple[float, ...] = ()
    """Seconds between the last records."""
    longest_gap: float = 0.0
    rows: int = 0
    """Rows that it has learned from."""
    ended: bool = False
    """Whether it told its end; what is logged on the way out does not take that back."""
    is_open: bool = False
    """Whether the log alone tells that it stands still."""
    onset: int = 0
    """The row of the last record before it did."""
    told: float = 0.0
    """The silence in seconds when it was told last."""

    @property
    def median_step(self) -> float:
        """The usual time between two records, in seconds."""
        return median_of(self.gaps)

    def after(self, lane: Lane, machine: str | None, stop: int) -> "Rhythm":
        """Return the rhythm after the rows before `stop`; `machine` is as `of_machine` gives it."""
        if stop <= self.rows:
            return self
        times = _of_training(lane, machine, self.rows, stop)
        last_row = stop - 1
        if not isfinite(np.add.reduce(times)):
            told = np.isfinite(times).nonzero()[0]
            if not len(told):
                return self._replace(rows=stop)
            last_row, times = self.rows + int(told[-1]), times[told]
        gaps = self._gaps_to(times)
        told_before = isfinite(gaps.item(0))
        return self._gone_on(times, gaps if told_before else gaps[1:], last_row, stop)

    def steadily_after(
        self, lane: Lane, machine: str | None, stop: int, least: float
    ) -> "Rhythm | None":
        """Return likewise, at half the cost, where the training told something in each row.

        None where it did not, or where rows are more than `least` seconds apart.
        """
        times = _of_training(lane, machine, self.rows, stop)
        gaps = self._gaps_to(times)
        longest = np.maximum.reduce(gaps, initial=0.0)  # NaN where a time is not told
        return self._gone_on(times, gaps, stop - 1, stop) if longest <= least else None

    def _gaps_to(self, times: Floats) -> Floats:
        """Return the seconds from the time before to each of some."""
        gaps = np.empty(len(times))
        gaps[:1] = times[:1] - self.last_time
        np.subtract(times[1:], times[:-1], out=gaps[1:])
        return gaps

    def _gone_on(self, times: Floats, gaps: Floats, last_row: int, rows: int) -> "Rhythm":
        """Return it with further times, the last of them told in a row."""
        return self._replace(
            rows=rows,
            last_time=times.item(-1),
            last_row=last_row,
            gaps=(*self.gaps, *gaps[-_RECENT_GAPS:].tolist())[-_RECENT_GAPS:],
            longest_gap=np.maximum.reduce(gaps, initial=self.longest_gap).item(),
        )

    def last_times(self, lane: Lane, machine: str | None, rows: Rows) -> Floats:
        """Return when the training had told something last, at some rows ahead."""
        times = _of_training(lane, machine, self.rows, int(rows[-1]) + 1)
        places = np.where(np.isfinite(times), np.arange(len(times)), -1)
        last = np.maximum.accumulate(places)[rows - self.rows]
        return np.where(last < 0, self.last_time, times[np.maximum(last, 0)])

    def newest(self, lane: Lane) -> float:
        """Return the time of the last row that tells one, be it of the machine."""
        times = lane.times[self.last_row : lane.n_rows]
        told = finite(times)
        return float(told[-1]) if len(told) else self.last_time


def _of_training(lane: Lane, machine: str | None, start: int, stop: int) -> Floats:
    """Return the times of some rows, NaN where one tells of the machine alone.

    Such a line tells no step, as it comes at a pace of its own.
    """
    times = lane.times[start:stop]
    if machine is None or not lane.has_since(machine, start):
        return times
    readings = lane.samples(machine)
    steps, probes = lane.steps[start:stop], list(_of_probes(lane, start, stop))
    if not probes and isfinite(np.add.reduce(steps)):  # one record tells of both
        return times
    begin, end = readings.positions(start, stop)
    rows = readings.rows[begin:end] - start
    rows = rows[np.isnan(steps[rows])]
    told = np.array(times)
    told[rows] = np.nan
    told[[event.row - start for event in probes]] = np.nan
    return told


def _of_probes(lane: Lane, start: int, stop: int) -> Iterator[LogEvent]:
    """Yield the remarks about probes that hang, which do not come from the training."""
    for event in reversed(lane.events):
        if event.row < start:
            return
        is_note = event.row < stop and event.kind == EventKind.NOTE
        if is_note and event.fields.get("kind") == "probe":
            yield event
