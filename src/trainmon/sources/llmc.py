"""llm.c: its main.log, and what it prints."""

import re
from collections.abc import Iterator

from trainmon.console.prefix import Line
from trainmon.console.reading import Renaming
from trainmon.console.source import ELSEWHERE, ConsoleSource
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(
    rb"(?m)^s:\d{1,9} (?:trl|tel|eval):[\d.-]"
    rb"|^step {1,9}\d{1,9}/\d{1,9} \| (?:train )?loss [\d.-]{1,20} \("
)
_LOGGED = re.compile(r"s:\d|step \d")
_VALIDATED = re.compile(r"val loss ([\d.]{1,20}|-?nan)$")
_HELLASWAG = re.compile(r"HellaSwag: \d{1,9}/\d{1,9} = ([\d.]{1,20})")
_UTILISATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)% \w{1,8} MFU")

_NAMED = Renaming(
    {
        "s": "step",
        "step": "step",
        "trl": "train/loss",
        "loss": "train/loss",
        "train loss": "train/loss",
        "tel": "val/loss",
        "eval": "val/hellaswag/acc",
        "lr": "lr",
        "norm": "grad_norm",
        "tokens_per_second": "tokens_per_second",
        "": "step_time",  # of the numbers without a name, those in milliseconds
    }
)


class LlmcSource(ConsoleSource):
    """Reads a line as a record; a validation printed by itself stands at the step before it."""

    id = "llmc"
    summary = "llm.c: main.log, and its console"
    order = 70

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there are lines as llm.c writes them."""
        return _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record of a line."""
        text = line.text
        if not _LOGGED.match(text):
            yield from _evaluated(text)
            return
        record, planned = _NAMED.record(text)
        if "MFU" in text and (match := _UTILISATION.search(text)):
            record["mfu"] = float(match[1]) / 100
        if len(record) > 1 and "step" in record:
            yield record
            if planned is not None:
                yield from self.configured(total_steps=planned)


def _evaluated(text: str) -> Iterator[Record]:
    for pattern, name in ((_VALIDATED, "val/loss"), (_HELLASWAG, "val/hellaswag/acc")):
        if match := pattern.match(text):
            yield {name: match[1], ELSEWHERE: True}
