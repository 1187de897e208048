"""Any JSON lines that hold numbers: logs of other projects and of people's own loops."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from trainmon.decode import decode
from trainmon.json_lines.line_objects import decode_line_ends
from trainmon.json_lines.records import JsonRecords, measures
from trainmon.source import Head, Part, Source

_REPEATED = 3
"""Objects with the same keys that make a log of text with JSON in between: a configuration or a
summary stands there once or twice."""


class JsonLinesSource(Source):
    """Reads one object a line, alone or at its end; other lines in between are counted."""

    id = "jsonl"
    summary = "any file with one JSON object of numbers a line, alone or behind a logger's words"
    order = 90

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._records = JsonRecords()
        self._among_text = False
        self._behind_words = False

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether most lines are records, or records of one kind repeat among others."""
        if b'"' not in head.lines or b"{" not in head.lines:
            return False
        whole = head.decoded
        count = sum(map(measures, whole.records))
        if count > (len(whole.records) + whole.unreadable + whole.other) / 2:
            return True
        if not whole.unreadable:
            return False
        at_ends, _ = decode_line_ends(head.lines)
        kinds = Counter(tuple(record) for record in at_ends.records if measures(record))
        return max(kinds.values(), default=0) >= _REPEATED

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        if not self._among_text:
            decoded = decode(data)
            self._among_text = bool(decoded.unreadable)
        if self._among_text:
            decoded, behind_words = decode_line_ends(data)
            self._behind_words |= behind_words and bool(decoded.records)
        return self._records.parts(decoded.records, decoded.skipped)

    def remarks(self) -> Sequence[str]:
        """Return whether objects stand behind words, and which splits records name."""
        words = ("the JSON object at the end of a line is read",) if self._behind_words else ()
        return (*words, *self._records.remarks())
