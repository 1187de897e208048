"""Lightning's CSVLogger as a loop of one's own uses it; a Trainer saves after each call."""

import csv
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from tests.bench.trackers.tracker import Log


class LightningCsv:
    """Keeps a hundred records before it writes them."""

    name = "Lightning CSVLogger"
    needs = ("lightning",)

    def environment(self, _folder: Path) -> Mapping[str, str]:
        """Return nothing: it goes where it is told to."""
        return {}

    def start(self, folder: Path) -> Log:
        """Begin a run."""
        logger = import_module("lightning.pytorch.loggers").CSVLogger(folder, name="", version="")
        return lambda metrics, step: logger.log_metrics(dict(metrics), step)

    def kept(self, folder: Path) -> set[int]:
        """Read the table, which may not have been made yet."""
        table = folder / "metrics.csv"
        if not table.exists():
            return set()
        with table.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if None not in row.values()]
        return {int(row["step"]) for row in rows}
