"""Keras's CSVLogger: one row an epoch, with the names of its metrics."""

import re

from trainmon.source import Head
from trainmon.table import Header, opening_of
from trainmon.table.cells import COMMA
from trainmon.table.source import Layout, TableSource

_RATES = frozenset({"lr", "learning_rate"})
_LOSS = re.compile(r"(?:\w+_)?loss")
_PLAIN = re.compile(r"(?!train|test|step|iter|time)[a-z]\w*")
"""What Keras calls a metric without a validation: loops of other libraries tell ``train_loss``."""


class KerasCsvSource(TableSource):
    """Reads a table whose evaluations are called as its other metrics, with `val_` ahead.

    Epochs are counted from 0; where no column tells them, the rows are. A training that was begun
    again with ``append=True`` is another run, one that was resumed goes on.
    """

    id = "keras-csv"
    summary = "Keras's CSVLogger"
    order = 44

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a table has a loss, and `val_` twins of all metrics or Keras's order."""
        opening = opening_of(head.lines)
        if opening is None or opening.separator != COMMA:
            return False
        names = set(opening.names) - {"epoch", *_RATES}
        if not any(map(_LOSS.fullmatch, names)):
            return False
        validated = {name for name in names if name.startswith("val_")}
        if validated:
            return validated == {f"val_{name}" for name in names - validated}
        first, *others = opening.names
        return first == "epoch" and others == sorted(others) and all(map(_PLAIN.fullmatch, names))

    def layout(self, header: Header) -> Layout:
        """Return the column of the epoch, or that the rows are epochs."""
        names: list[str | None] = [name or None for name in header.names]
        epoch = names.index("epoch") if "epoch" in names else None
        return Layout(names, epoch=epoch, counted=epoch is None)
