"""modded-nanogpt: records behind the source of the script that made them."""

import re
from collections.abc import Iterator
from math import isnan

from trainmon.console.prefix import Line
from trainmon.console.reading import Renaming
from trainmon.console.source import ConsoleSource
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(rb"(?m)^step:\d{1,9}/\d{1,9} (?:val_loss|train_loss|loss|train_time):")
_LOGGED = re.compile(r"step:\d{1,9}/\d")

_NAMED = Renaming(
    {
        "step": "step",
        "train_loss": "train/loss",
        "loss": "train/loss",
        "val_loss": "val/loss",
        "train_time": "train_time",  # since the start, without validations
        "step_avg": "step_time",
        "lr": "lr",
        "grad_norm": "grad_norm",
    }
)


class ModdedNanogptSource(ConsoleSource):
    """Reads only lines that begin with a step and its total: the script ahead has none."""

    id = "modded-nanogpt"
    summary = "modded-nanogpt: its log, with the script ahead of it"
    order = 71

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there is a line of a step, however far down."""
        return _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record of a line; a mean over no steps yet is a gap."""
        if not _LOGGED.match(line.text):
            return
        record, planned = _NAMED.record(line.text)
        if isnan(record.get("step_time", 0.0)):
            del record["step_time"]
        if len(record) > 1:
            yield record
            if planned is not None:
                yield from self.configured(total_steps=planned)
