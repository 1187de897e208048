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

_KEYS = PositionKeys(_STEP_KEYS, _EPOCH_KEYS, _TIME_KEYS, _EARLIEST_TIME)


class JsonLinesSource(Source):
    """Reads one object a line; a step that goes back to the start begins another run.

    Not so where the epoch went on: then steps are counted within each epoch.
    """

    id = "jsonl"
    summary = "any file with one JSON object of numbers a line"
    order = 90

    def __init__(self) -> None:
        self._first_step: float | None = None
        self._last_step: float | None = None
        self._last_epoch: float | None = None

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether the first lines are objects and most of them hold numbers."""
        decoded = decode(head)
        numeric = sum(any(map(_spells_number, record.values())) for record in decoded.records)
        return numeric > (len(decoded.records) + decoded.unreadable + decoded.other) / 2

    def read(self, lines: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        decoded = decode(lines)
        borders = list(self._run_borders(decoded.records))
        cuts = sorted({0, *borders, len(decoded.records)})
        parts: list[Part] = []
        for start, stop in pairwise(cuts):
            batch = batch_of(decoded.records[start:stop], _KEYS)
            unreadable = 0 if parts else decoded.unreadable + decoded.other
            parts.append(Part(batch, begins_run=start in borders, unreadable=unreadable))
        return parts

    def _run_borders(self, records: Sequence[Record]) -> Iterator[int]:
        """Yield where the step goes back to where the run began."""
        for index, record in enumerate(records):
            step, epoch = _first(record, _STEP_KEYS), _first(record, _EPOCH_KEYS)
            if step is None:
                continue
            if self._first_step is None or self._last_step is None:
                self._first_step = step
            elif step <= self._first_step and step < self._last_step:
                if epoch is None or self._last_epoch is None or epoch <= self._last_epoch:
                    yield index
                self._first_step = step
            self._last_step, self._last_epoch = step, epoch


def _first(record: Record, keys: Sequence[str]) -> float | None:
    """Return the number under the first of these keys that a record has."""
    for key in keys:
        if key in record:
            value = record[key]
            return value if _is_number(value) else None
    return None


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _spells_number(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if not isinstance(value, str):
        return _is_number(value)
    try:
        float(value)
    except ValueError:
        return False
    return True
