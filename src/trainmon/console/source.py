"""What all readers of consoles share: lines in, placed records out."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from trainmon.console.lines import Lines, plain
from trainmon.console.prefix import Line, undressed
from trainmon.console.ranks import Ranks
from trainmon.console.settings import PrintedSettings, news_in
from trainmon.console.tracebacks import Tracebacks
from trainmon.positions import Positions
from trainmon.record import EVENT_KEY, EventKind
from trainmon.roles import Role, role_of
from trainmon.source import Part, Source
from trainmon.store.batch import PositionKeys, Record, batch_of

TIME = "\0time"
"""The key of a record's time. Lines hold no NUL, so it is no name that a log could have."""

ELSEWHERE = "\0elsewhere"
"""The key that marks a record of an evaluation, which stands at the last step before it."""

BEGINS = "\0begins"
"""The key that marks an event or a record with which a run begins for certain."""

_KEYS = PositionKeys(time=(TIME,))
_MARKS = (ELSEWHERE, BEGINS)
_RATES = frozenset({Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE})


class ConsoleSource(Source):
    """Reads records out of the lines of a console. What is no record is ordinary, and told."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._lines = Lines()
        self._ranks = Ranks()
        self._tracebacks = Tracebacks()
        self._positions = Positions()
        self._config: Mapping[str, Any] = {}
        self._settings = PrintedSettings()
        self._has_trained = False
        self._rate_seen = self._rate_withheld = False
        self._used = self._read = 0
        self.kept = False
        """Whether something of the present line is kept for later, or was told before."""

    @abstractmethod
    def records(self, line: Line) -> Iterable[Record]:
        """Return the records that a line completes, `configured` ones among them."""

    def held(self) -> Iterable[Record]:
        """Return what waited for further lines."""
        return ()

    def line_of(self, text: str) -> Line:
        """Return a plain line without what launchers and loggers put ahead of it."""
        return undressed(text)

    def configured(self, **settings: float | str) -> Iterator[Record]:
        """Yield the event that tells of settings, if they are news."""
        yield from self._news(news_in(settings, self._config, begun=False))

    def _news(self, news: Mapping[str, Any]) -> Iterator[Record]:
        if news:
            self._config = {**self._config, **news}
            yield {EVENT_KEY: EventKind.CONFIG, **news}

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records of further data."""
        return self._parts(self._records(self._lines.take(data)))

    def finish(self) -> Sequence[Part]:
        """Return the records of a last line without an end, what waited, and what ended it."""
        rest = self._records(self._lines.finish())
        return self._parts(chain(rest, self.held(), self._tracebacks.last()))

    def remarks(self) -> Sequence[str]:
        """Return what was left out, and why."""
        told = []
        if other := self._read - self._used - self._ranks.repeated:
            told.append(f"{_lines(other)} without numbers of the training")
        if self._ranks.repeated:
            told.append(f"{_lines(self._ranks.repeated)} that another rank tells as well")
        if self._lines.too_long:
            told.append(f"{_lines(self._lines.too_long)} too long for a record")
        if self._rate_withheld and not self._rate_seen:
            told.append("the learning rate is printed with so few digits that it reads 0")
        return tuple(told)

    def _records(self, texts: Iterable[str]) -> Iterator[Record]:
        for text in texts:
            bare = plain(text)
            if not bare:
                continue
            self._read += 1
            line = self.line_of(bare)
            self._tracebacks.take(line)
            if self._ranks.repeats(line):
                continue
            told = self._settings.take(line.text)
            if told is not None:
                self._used += 1
                yield from self._news(news_in(told, self._config, begun=self._has_trained))
                continue
            used = self.kept = False
            for record in self.records(line):
                used = True
                self._tracebacks.gone_on()
                if EVENT_KEY not in record:
                    self._has_trained = True
                    if line.time is not None:
                        record.setdefault(TIME, line.time)
                yield record
            self._used += used or self.kept

    def _parts(self, found: Iterable[Record]) -> list[Part]:
        """Return records as placed columns; a run that begins is told the configuration first."""
        records: list[Record] = []
        configs, elsewhere, begins = [], [], set()
        for record in found:
            self._withhold_silent_rates(record)
            elsewhere.append(ELSEWHERE in record)
            if BEGINS in record:
                begins.add(len(records))
            for mark in _MARKS:
                record.pop(mark, None)
            records.append(record)
            configs.append(self._config)
        if not records:
            return []
        batch = batch_of(records, _KEYS)
        placed = self._positions.place(batch, begins=begins, elsewhere=np.array(elsewhere))
        parts, row = [], 0
        for part in placed:
            if part.begins_run and configs[row]:
                event = {EVENT_KEY: EventKind.CONFIG, **configs[row]}
                parts.append(Part(batch_of([event]), begins_run=True))
                parts.append(replace(part, begins_run=False))
            else:
                parts.append(part)
            row += part.batch.n_rows
        return parts

    def _withhold_silent_rates(self, record: Record) -> None:
        """Leave out learning rates that read 0 before any other: too few digits are printed."""
        if self._rate_seen:
            return
        for name in [name for name in record if role_of(name).role in _RATES]:
            if record[name] == 0.0:
                del record[name]
                self._rate_withheld = True
            else:
                self._rate_seen = True


def _lines(count: int) -> str:
    return f"{count:,} {'line' if count == 1 else 'lines'}"
