"""What Hugging Face's Trainer prints: dictionaries among progress bars."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from trainmon.console.prefix import Line
from trainmon.console.source import ELSEWHERE, TIME, ConsoleSource
from trainmon.record import EVENT_KEY, EventKind
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(rb"\{'(?:loss|eval_\w{1,60}|train_runtime)': [^\n{}]{1,4000}'epoch': '?[\d.]")
_PRINTED = re.compile(r"\{'[^{}]*\}")
_BAR = re.compile(r"(?:^|\s)\d{1,3}% ?(\d{1,9})/(\d{1,9}) \[")
_PLANNED = re.compile(
    r"(Num Epochs|Total optimization steps|Gradient Accumulation steps"
    r"|Instantaneous batch size per device) = ([\d,]{1,20})"
)
_SETTINGS = {
    "Num Epochs": "epochs",
    "Total optimization steps": "total_steps",
    "Gradient Accumulation steps": "accum",
    "Instantaneous batch size per device": "batch_size",
}
_SUMMARY = "train_runtime"
"""The key of the last record: what it tells besides are means over the whole run."""


class HuggingFacePrintedSource(ConsoleSource):
    """Reads each printed dictionary; the step is the one of the bar that is drawn after it.

    A dictionary clears the bar, and the bar is drawn again at the step it belongs to. Without
    bars, the epoch tells where a record stands. The mean over the run in the last record is no
    point of the curve; that record says that the training is over.
    """

    id = "huggingface-printed"
    summary = "Hugging Face Trainer, TRL, Axolotl: printed dictionaries of metrics"
    order = 76

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._waiting: list[Record] = []
        self._total: str | None = None
        self._over = False

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a dictionary with a loss and an epoch is printed."""
        return b"'epoch': " in head.lines and _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield what a bar places, and keep what is printed until one does."""
        for bar in _BAR.finditer(line.text):
            self.kept = True
            if bar.start() and line.text[: bar.start()].strip():
                continue  # one with a title: loading, tokenizing
            if self._total is None:
                self._total = bar[2]
                yield from self.configured(total_steps=float(bar[2]))
            if bar[2] == self._total:
                yield from self._placed(float(bar[1]))
        if match := _PRINTED.search(line.text):
            yield from self._taken(match.group(), line)
        elif match := _PLANNED.search(line.text):
            told = float(match[2].replace(",", "") or "nan")
            yield from self.configured(**{_SETTINGS[match[1]]: told})

    def held(self) -> Iterator[Record]:
        """Yield what no bar has placed."""
        for record in self._waited():
            # Only an evaluation is sure to belong to the step before it.
            known = "loss" in record or EVENT_KEY in record
            yield record if known else {**record, ELSEWHERE: True}

    def _taken(self, printed: str, line: Line) -> Iterator[Record]:
        record = _record(printed)
        if record is None:
            return
        self.kept = True
        if line.time is not None:
            record[TIME] = line.time
        # Of two dictionaries without a bar between them, the first has to do without.
        if self._waiting and self._waiting[-1].keys() & record.keys() - {"epoch", TIME}:
            yield from self.held()
        self._waiting.append(record)
        if self._total is None:
            yield from self.held()

    def _placed(self, step: float) -> Iterator[Record]:
        for record in self._waited():
            yield record if EVENT_KEY in record else {"step": step, **record}

    def _waited(self) -> Iterator[Record]:
        """Yield what waited, and behind it that the training is over, where it is."""
        waiting, self._waiting = self._waiting, []
        for record in waiting:
            self._over = _SUMMARY in record or (self._over and "loss" not in record)
            yield record
        if waiting and self._over:
            yield {EVENT_KEY: EventKind.FINISH.value, "status": "finished"}


def _record(printed: str) -> Record | None:
    """Return a printed dictionary's numbers, or None if it is no record of metrics."""
    quoted = _BARE.sub(r" '\1'", printed)
    if not _LITERALS.fullmatch(quoted):
        return None
    try:
        found = ast.literal_eval(quoted)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(found, dict) or "epoch" not in found or not all(map(_is_text, found)):
        return None
    if _SUMMARY in found:
        found.pop("train_loss", None)
    found.pop("event", None)
    return {name: value for name, value in found.items() if name not in ("step", "trainmon")}


_BARE = re.compile(r" (-?(?:nan|inf))(?=[,}])")

_LITERALS = re.compile(
    r"""(?:'[^'\\]*'|"[^"\\]*"|None|True|False|[\d\s.,:+\-eE()\[\]{}])*+""", re.ASCII
)
"""Texts without escapes, numbers and what stands between them. Of other source, such as "1if", the
parser prints warnings on the screen."""


def _is_text(value: object) -> bool:
    return isinstance(value, str)
