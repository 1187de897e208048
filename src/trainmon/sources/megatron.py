"""Megatron-LM and its descendants, also where people quote its lines in their notes."""

import re
from collections.abc import Iterator
from pathlib import Path

from trainmon.console.prefix import Line
from trainmon.console.reading import Renaming
from trainmon.console.source import TIME, ConsoleSource
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(
    rb"\biteration {1,12}\d{1,9}/ {0,12}\d{1,9} \|[^\n]{0,300}elapsed time per iteration"
)
_BEGINS = re.compile(r"iteration \d{1,9}/ ?\d{1,9} \||validation loss at iteration \d")
_TIMERS = re.compile(r"(?:^|\| )time \(ms\)")

_WRAPPED_LIMIT = 6
"""Lines over which a mail program or an editor may have wrapped one."""

_NAMED = Renaming(
    {
        "iteration": "step",
        "validation loss at iteration": "step",
        "consumed samples": "samples",
        "consumed tokens": "tokens",
        "elapsed time per iteration": "step_time",
        "learning rate": "lr",
        "global batch size": "global_batch_size",
        "lm loss": "train/loss",
        "loss": "train/loss",
        "loss scale": "amp/scale",
        "grad norm": "grad_norm",
        "num zeros": "num_zeros",
        "params norm": "weight_norm",
        "number of skipped iterations": "skipped_iterations",
        "number of nan iterations": "nan_iterations",
        "actual seqlen": "sequence_length",
        "samples per second": "samples_per_second",
        "TFLOPs": "tflops",
        "lm loss value": "val/loss",
        "lm loss PPL": "val/ppl",
    }
)


class MegatronSource(ConsoleSource):
    """Reads fields between bars, by name; lines that were wrapped are joined again."""

    id = "megatron"
    summary = "Megatron-LM, Megatron-DeepSpeed: their console, also quoted in notes"
    order = 73

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._begun: Line | None = None
        self._joined = 0

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there is a line of an iteration."""
        return _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record that a line completes."""
        begin = _BEGINS.search(line.text)
        if begin:
            yield from self.held()
            self._begun, self._joined = line._replace(text=line.text[begin.start() :]), 0
        elif self._begun:
            self._joined += 1
            self._begun = self._begun._replace(text=f"{self._begun.text} {line.text}")
        else:
            return
        self.kept = True
        if self._begun.text.endswith("|") or self._joined == _WRAPPED_LIMIT:
            yield from self.held()

    def held(self) -> Iterator[Record]:
        """Yield the record of a line of which a further part was waited for."""
        if self._begun is None:
            return
        line, self._begun = self._begun, None
        record, planned = _NAMED.record(_TIMERS.split(line.text)[0])
        yield record if line.time is None else {**record, TIME: line.time}
        if planned is not None:
            yield from self.configured(total_steps=planned)
