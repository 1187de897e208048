"""nanoGPT: iterations, and the losses of its evaluations."""

import re
from collections.abc import Iterator

from trainmon.console.prefix import Line
from trainmon.console.reading import Renaming
from trainmon.console.source import ConsoleSource
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(
    rb"(?m)^(?:\[rank\d{1,4}\]: ?|\d{1,4}: )?(?:iter \d{1,9}: loss [\w.]{1,20}, time [\d.]{1,20}ms"
    rb"|step \d{1,9}: train loss [\w.]{1,20}, val loss )"
)
_LOGGED = re.compile(r"(?:iter|step) \d{1,9}: (?:train )?loss ")

_NAMED = Renaming(
    {
        "iter": "step",
        "step": "step",
        "loss": "train/loss",
        "train loss": "train_eval/loss",  # over many batches, in evaluation mode
        "val loss": "val/loss",
        "time": "step_time",
        "lr": "lr",
        "mfu": "mfu",
    }
)


class NanogptSource(ConsoleSource):
    """Reads the lines of iterations and of evaluations."""

    id = "nanogpt"
    summary = "nanoGPT: its console"
    order = 72

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there is a line of an iteration or of an evaluation."""
        return _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record of a line; a negative utilisation says that none is known yet."""
        if _LOGGED.match(line.text):
            record, _ = _NAMED.record(line.text)
            if (percent := record.pop("mfu", -1.0)) >= 0.0:
                record["mfu"] = percent / 100
            yield record
