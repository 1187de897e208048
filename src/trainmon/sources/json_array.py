"""JSON objects that are no lines: an array of records, or pretty-printed ones in a row."""

import json
from collections.abc import Sequence
from json.decoder import JSONDecodeError
from math import inf
from pathlib import Path

from trainmon.document import DocumentSource, begins_with, parsed
from trainmon.json_lines.records import JsonRecords, measures
from trainmon.source import Head, Part
from trainmon.store.batch import Record

_BETWEEN = "\x00 \t\r\n,[]\ufeff"
"""What stands before, between and behind records."""

_LOOKED_AT = 50
"""Objects that are looked at to recognise a log."""

_FEWEST = 2
"""Pretty-printed objects that make a log: one alone is a configuration or a summary."""


class JsonArraySource(DocumentSource):
    """Reads the records of an array, also while its end is not written, or of objects in a row."""

    id = "json-records"
    summary = "a JSON array of records, or pretty-printed objects one after another"
    order = 92

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._records = JsonRecords()

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether most of the first objects are records of training."""
        is_array = begins_with(head.data, b"[")
        if not is_array and not begins_with(head.data, b"{"):
            return False
        records, rest = _objects(head.data, _LOOKED_AT)
        if rest and not rest.startswith("{"):
            return False
        fewest = 1 if is_array else _FEWEST
        return len(records) >= fewest and sum(map(measures, records)) > len(records) / 2

    def records(self, data: bytes) -> Sequence[Record] | None:
        """Return the objects, None while one is half written."""
        records, rest = _objects(data)
        return None if rest else records

    def parts(self, records: Sequence[Record]) -> Sequence[Part]:
        """Return the records where they belong."""
        return self._records.parts(records, {}) if records else []

    def start_over(self) -> None:
        """Forget the records."""
        self._records = JsonRecords()

    def remarks(self) -> Sequence[str]:
        """Return what is to be told of the records."""
        return (*self._records.remarks(), *super().remarks())


def _objects(data: bytes, limit: float = inf) -> tuple[list[Record], str]:
    """Return the objects at the top or in an array, and what begins behind them.

    Where there are more than the limit, some more may be returned.
    """
    document = parsed(data)
    if isinstance(document, list):
        return [record for record in document if isinstance(record, dict)], ""
    if isinstance(document, dict):
        return [document], ""
    text = data.decode(errors="replace")
    scan = json.JSONDecoder().raw_decode
    records: list[Record] = []
    at = 0
    while len(records) <= limit:
        while at < len(text) and text[at] in _BETWEEN:
            at += 1
        if at == len(text):
            return records, ""
        try:
            record, at = scan(text, at)
        except (JSONDecodeError, ValueError, RecursionError):
            return records, text[at : at + 1]
        if isinstance(record, dict):
            records.append(record)
    return records, ""
