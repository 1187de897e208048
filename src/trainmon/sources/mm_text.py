"""The consoles of mmcv, mmengine and detectron2: `20230605_200941.log`, `log.txt`."""

import re
from collections.abc import Iterator

from trainmon.console.prefix import Line
from trainmon.console.reading import Reading, readings
from trainmon.console.source import ELSEWHERE, ConsoleSource
from trainmon.source import Head
from trainmon.store.batch import Record

_SIGN = re.compile(
    rb" - mm\w{1,20} - INFO - (?:Epoch|Iter) ?(?:\((?:train|val)\))? {0,8}\["
    rb"| (?:iter|iteration): \d{1,9} {1,4}total_loss: "
)
_LOGGED = re.compile(r"(?:Epoch|Iter) ?(?:\((train|val|test)\))? ?\[")
_ITERATION = re.compile(r"\biter: \d{1,9} total_loss: ")
_CONFIGURED = re.compile(r"\b(max_epochs|max_iters|MAX_ITER)\s?[=:]\s?(\d{1,9})\b")

_SETTINGS = {"max_epochs": "epochs", "max_iters": "total_steps", "MAX_ITER": "total_steps"}
_NAMES = {
    "iter": "step",
    "total_loss": "train/loss",
    "loss": "train/loss",
    "time": "step_time",
    "max_mem": "memory",
}
_TIMES = frozenset({"step_time", "data_time", "memory", "max_mem"})
_NO_METRICS = frozenset({"Iter", "eta", "last_time", "last_data_time", "day", "days"})


class MmTextSource(ConsoleSource):
    """Reads the records of training and of whole evaluations.

    Iterations are counted within epochs; those of an evaluation are its batches.
    """

    id = "mm-text"
    summary = "mmcv, mmengine, detectron2: their consoles"
    order = 75

    _base: float | None = None
    """The number of the first epoch where it is 0, else 1."""

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether there is a line of an iteration."""
        return _SIGN.search(head.lines) is not None

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the record of a line, or the planned length that a configuration tells."""
        if match := _LOGGED.search(line.text) or _ITERATION.search(line.text):
            found = tuple(readings(line.text[match.start() :]))
            if match.re is _LOGGED and match[1] in ("val", "test"):
                yield from _evaluated(found)
            else:
                yield from self._trained(found)
        elif match := _CONFIGURED.search(line.text):
            yield from self.configured(**{_SETTINGS[match[1]]: float(match[2])})

    def _trained(self, found: tuple[Reading, ...]) -> Iterator[Record]:
        record: Record = {}
        for reading in found:
            if reading.key == "Epoch":
                record["epoch"] = reading.value
            elif reading.key == "Iter":
                record["step"] = reading.value
            elif not reading.key and reading.total is not None and "epoch" in record:
                record["step"] = self._through(record["epoch"], reading)
            elif reading.key and reading.key not in _NO_METRICS:
                name = _NAMES.get(reading.key, reading.key)
                record[f"train/{name}" if name.startswith("loss_") else name] = reading.value
        if "step" in record:
            yield record

    def _through(self, epoch: float, reading: Reading) -> float:
        """Return the iteration as counted from the first epoch on."""
        self._base = min(1.0, epoch) if self._base is None else self._base
        return (epoch - self._base) * (reading.total or 0.0) + reading.value


def _evaluated(found: tuple[Reading, ...]) -> Iterator[Record]:
    """Yield the metrics of an evaluation; lines about its progress hold only times."""
    record: Record = {}
    for reading in found:
        name = _NAMES.get(reading.key, reading.key)
        if reading.key == "Epoch":
            record["epoch"] = reading.value
        elif reading.key and name not in _NO_METRICS | _TIMES:
            record[f"val/{name.removeprefix('train/')}"] = reading.value
    if any(name.startswith("val/") for name in record):
        yield {**record, ELSEWHERE: True}
