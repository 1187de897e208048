"""Saved checkpoints in the log, with the metric that each was saved for and its value."""

import os
from collections.abc import Mapping
from typing import SupportsFloat

from trainmon.record import EventKind
from trainmon.writer.journal import Journal
from trainmon.writer.scalar import Scalar, scalar


class Checkpoints:
    """Tells of checkpoints; remembers the last value of each metric that they are saved for."""

    def __init__(self, journal: Journal) -> None:
        """Tell in `journal`."""
        self._journal = journal
        self._last: dict[str, Scalar] = {}

    def remember(self, metric: str) -> None:
        """Remember the values of `metric` that are logged from now on."""
        if metric not in self._last:
            self._last[metric] = None
            self._journal.listen((metric,), self._hear)

    def tell(
        self,
        path: object,
        metric: str | Mapping[str, object] | None = None,
        value: object = None,
        *,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
    ) -> None:
        """Write the event; a metric without a value has the one that was logged last."""
        if isinstance(metric, Mapping):
            metric, value = next(iter(metric.items()), (None, value))
        name = None if metric is None else str(metric)
        if name is not None and value is None:
            value = self._value(name)
        told = {"path": _text(path), "metric": name}
        with self._journal.guard("the value of a checkpoint"):
            told["value"] = scalar(value)
        fields = {field: content for field, content in told.items() if content is not None}
        at = self._journal.step if step is None else step
        self._journal.event(EventKind.CHECKPOINT, step=at, epoch=epoch, **fields)

    def _value(self, metric: str) -> Scalar:
        self._journal.settle()
        if metric not in self._last:
            self.remember(metric)
            example = f'log.checkpoint(path, metric={{"{metric}": value}})'
            text = f"the value of {metric} at this checkpoint is not known yet; {example} tells it"
            self._journal.tell(("checkpoint", metric), text)
        return self._last[metric]

    def _hear(self, line: Mapping[str, Scalar], _step: float | None) -> None:
        self._last |= {name: line[name] for name in self._last.keys() & line.keys()}


def _text(path: object) -> object:
    return os.fspath(path) if isinstance(path, os.PathLike) else path
