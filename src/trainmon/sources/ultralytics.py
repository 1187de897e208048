"""Ultralytics and YOLOv5: results.csv, one row an epoch."""

from collections.abc import Sequence
from pathlib import Path

from trainmon.source import Head
from trainmon.table import Header, opening_of
from trainmon.table.source import Layout, TableSource

_RATES = ("lr/", "x/lr")
_SCORES = "metrics/"
_ELAPSED = "elapsed_time"
"""What `time` is stored as: elsewhere it is the time of a step."""

_CONFIGURATIONS = ("args.yaml", "opt.yaml", "hyp.yaml")


class UltralyticsSource(TableSource):
    """Reads padded cells; epochs begin at 0 or 1, as written.

    `time` counts seconds from the start of the training.
    """

    id = "ultralytics"
    summary = "Ultralytics and YOLOv5: results.csv"
    order = 41

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a table begins with `epoch` and has their scores and rates."""
        opening = opening_of(head.lines)
        return (
            opening is not None
            and opening.names[0] == "epoch"
            and any(name.startswith(_SCORES) for name in opening.names)
            and any(name.startswith(_RATES) for name in opening.names)
        )

    def companions(self) -> Sequence[Path]:
        """Return where the arguments are, and in older versions the hyperparameters."""
        return [self.path.with_name(name) for name in _CONFIGURATIONS] if self.path else []

    def layout(self, header: Header) -> Layout:
        """Return that the first column is the epoch, and what `time` is."""
        names = [_ELAPSED if name == "time" else name or None for name in header.names]
        return Layout(names, epoch=0)
