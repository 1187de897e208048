"""Search in the records of a log: chunk by chunk, so that the screen stays awake."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainmon.store.batch import Rows
from trainmon.store.lane_view import LaneView
from trainmon.store.thinning import ascending
from trainmon.ui.records.record_lines import text_of
from trainmon.ui.records.records import records_at

_CHUNK, _CHUNK_VALUES = 512, 4_096
"""Records that are looked at at once, and their values: some milliseconds of work."""

_OF_NUMBERS = frozenset("0123456789.+-e:naif ty")
"""Letters of numbers and times as lines have them: "1.2e-07", "NaN", "Infinity", "0:12:05"."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search on its way: it goes from one row on, and comes round to where it began."""

    needle: str
    rows: Rows
    """The rows that may match, in the order in which they are looked at."""
    done: int = 0
    found: int | None = None

    @property
    def over(self) -> bool:
        """Whether a match was found, or there is none."""
        return self.found is not None or self.done >= len(self.rows)

    @property
    def share(self) -> float:
        """Which part of the rows was looked at."""
        return self.done / max(len(self.rows), 1)

    def further(self, lane: LaneView) -> "Search":
        """Return the search after a chunk more."""
        count = max(1, min(_CHUNK, _CHUNK_VALUES // max(len(lane.series), 1)))
        chunk = self.rows[self.done : self.done + count]
        order = np.argsort(chunk)
        matching = matches(lane, chunk[order], self.needle)
        found = next((row for row in chunk.tolist() if row in matching), None)
        return replace(self, done=self.done + len(chunk), found=found)


def search(lane: LaneView, needle: str, start: int, *, forward: bool) -> Search:
    """Return a search for a text, without regard to case, from a row on in a direction."""
    rows = _candidates(lane, needle.lower())
    at = int(np.searchsorted(rows, start, side="left" if forward else "right"))
    ordered = np.concatenate((rows[at:], rows[:at]))
    if not forward:
        ordered = np.concatenate((rows[:at][::-1], rows[at:][::-1]))
    return Search(needle.lower(), ordered)


def matches(lane: LaneView, rows: Rows, needle: str) -> set[int]:
    """Return which of some ascending rows have a text in their lines; it is in lower case."""
    return {record.row for record in records_at(lane, rows) if needle in text_of(record).lower()}


def _candidates(lane: LaneView, needle: str) -> Rows:
    """Return the rows that may match, ascending.

    A text that no number can hold stands in the name of a metric or in an event; so all others
    need not be put together to be looked at.
    """
    if "=" in needle or "  " in needle or set(needle) <= _OF_NUMBERS:
        return np.arange(lane.n_rows, dtype=np.int32)
    named: Sequence[Rows] = [
        samples.rows for name, samples in lane.series.items() if needle in name.lower()
    ]
    events = np.array([event.row for event in lane.events], np.int32)
    return ascending([events, *_unlike(named)])


def _unlike(rows: Sequence[Rows]) -> list[Rows]:
    """Return the arrays of rows that are not the same memory as others: metrics come together."""
    return list({(each.ctypes.data, len(each)): each for each in rows}.values())
