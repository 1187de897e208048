"""Any JSON lines that hold numbers: logs of other projects and of people's own loops."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from trainmon.decode import decode
from trainmon.source import Part, Source
from trainmon.store.batch import PositionKeys, Record, batch_of

_STEP_KEYS = ("step", "global_step", "iteration", "iter", "_step", "trainer/global_step", "n_iter")
_EPOCH_KEYS = ("epoch", "train/epoch", "epochs")
_TIME_KEYS = ("time", "timestamp", "_timestamp", "wall_time", "ts")

_EARLIEST_TIME = 1e8
"""Unix seconds (1973): a smaller ``time`` is a duration, such as the seconds of an iteration."""


class JsonLinesSource(Source):
    """Reads one object a line; a step that goes back to the start begins another run."""

    id = "jsonl"
    summary = "any file with one JSON object of numbers a line"
    order = 90

    def __init__(self) -> None:
        self._keys: PositionKeys | None = None
        self._first_step: float | None = None
        self._last_step: float | None = None

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether the first lines are objects and most of them hold numbers."""
        decoded = decode(head)
        numeric = sum(any(map(_is_number, record.values())) for record in decoded.records)
        return numeric > (len(decoded.records) + decoded.unreadable + decoded.other) / 2

    def read(self, lines: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        decoded = decode(lines)
        if self._keys is None:
            self._keys = _positions(decoded.records)
        borders = list(self._run_borders(decoded.records, self._keys.step))
        cuts = sorted({0, *borders, len(decoded.records)})
        parts: list[Part] = []
        for start, stop in pairwise(cuts):
            batch = batch_of(decoded.records[start:stop], self._keys)
            unreadable = 0 if parts else decoded.unreadable + decoded.other
            parts.append(Part(batch, begins_run=start in borders, unreadable=unreadable))
        return parts

    def _run_borders(self, records: Sequence[Record], key: str) -> Iterator[int]:
        """Yield where the step goes back to where the run began."""
        for index, record in enumerate(records):
            step: Any = record.get(key)
            if not _is_number(step):
                continue
            if self._first_step is None or self._last_step is None:
                self._first_step = step
            elif step <= self._first_step and step < self._last_step:
                yield index
                self._first_step = step
            self._last_step = step


def _positions(records: Sequence[Record]) -> PositionKeys:
    """Return the keys that stand for step, epoch and time in these records."""
    keys = set().union(*records) if records else set[str]()
    step = next((key for key in _STEP_KEYS if key in keys), "step")
    epoch = next((key for key in _EPOCH_KEYS if key in keys), "epoch")
    times = [key for key in _TIME_KEYS if any(_is_time(record.get(key)) for record in records)]
    return PositionKeys(step, epoch, times[0] if times else "")


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    return _is_number(value) and value > _EARLIEST_TIME
