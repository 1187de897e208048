"""Formats that are one JSON document, written anew each time it grows."""

import json
from abc import abstractmethod
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import orjson

from trainmon.source import Framing, Part, Source
from trainmon.store.batch import Record, batch_of

_PADDING = b"\x00\r\n\t \xef\xbb\xbf"
"""What crashes, other systems and editors leave around a document."""

_HALF = "documents that end in the middle or are no JSON"


class DocumentSource(Source):
    """Reads a document again whenever it changed, and hands on the records that are new.

    Of what was read before, only a mark per record is kept. A document that is half written waits.
    """

    framing: ClassVar[Framing] = Framing.DOCUMENT

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._marks = array("q")
        self._half_written = False
        self._ignored = 0

    @abstractmethod
    def records(self, data: bytes) -> Sequence[Record] | None:
        """Return all records of a document, None while it is half written."""

    @abstractmethod
    def parts(self, records: Sequence[Record]) -> Sequence[Part]:
        """Return further records of the last document as parts."""

    @abstractmethod
    def start_over(self) -> None:
        """Forget the records so far: they no longer stand."""

    def read(self, data: bytes) -> Sequence[Part]:
        """Return what is new, or all of it, `fresh`, where it does not continue what was read.

        Of `copies` the longest counts: a shorter one that says something else is ignored.
        """
        records = self.records(data)
        self._half_written = records is None and bool(data.strip(_PADDING))
        if records is None:
            return ()
        marks = array("q", map(_mark, records))
        known = len(self._marks)
        if marks[:known] == self._marks:
            self._marks = marks
            return self.parts(records[known:])
        if self.copies and len(marks) <= known:
            self._ignored += marks != self._marks[: len(marks)]
            return ()
        self._marks = marks
        self.start_over()
        first, *others = self.parts(records) or [Part(batch_of([]))]
        return [replace(first, fresh=True), *others]

    def finish(self) -> Sequence[Part]:
        """Return that the document stayed half written, if so."""
        if not self._half_written:
            return ()
        self._half_written = False
        return [Part(batch_of([]), skipped={_HALF: 1})]

    def remarks(self) -> Sequence[str]:
        """Return whether copies were ignored."""
        if not self._ignored:
            return ()
        return ("a shorter copy that tells something else was ignored",)


def parsed(data: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Return what a document holds, bare NaN and Infinity included; None if it is no JSON."""
    text = data.strip(_PADDING)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if b"N" not in text and b"Infinity" not in text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def begins_with(data: bytes, first: bytes) -> bool:
    """Return whether the first character of a document is this one."""
    return data[: 1 << 10].lstrip(_PADDING).startswith(first)


def _mark(record: Record) -> int:
    """Return a number of 64 bits that differs where records differ."""
    try:
        return hash(orjson.dumps(record))
    except TypeError:  # numbers beyond 64 bits
        return hash(repr(record))
