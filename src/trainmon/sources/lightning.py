"""Lightning's CSVLogger: metrics.csv in lightning_logs/version_N."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trainmon.positions import Mask
from trainmon.roles import is_clock
from trainmon.source import Head, Home
from trainmon.store.batch import Batch
from trainmon.table import Columns, Header, Opening, opening_of
from trainmon.table.source import Layout, TableSource

_TWINS = ("_step", "_epoch")
_EVALUATIONS = ("val", "test", "valid", "eval", "predict", "sanity")


class LightningSource(TableSource):
    """Reads sparse rows, in which what was logged together stands together.

    Values of single validation batches stand in rows without an epoch, whose step counts batches
    of the validation. Rates and device statistics have no epoch either, but the step of training.
    """

    id = "lightning"
    summary = "Lightning's CSVLogger: lightning_logs/version_*/metrics.csv"
    order = 40

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._step = -np.inf  # the last one of a row with an epoch

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a table has `step` and `epoch` and is written as Lightning does.

        That is with twins of metrics, or columns in order of name, or the line ends of Python's csv
        module behind columns of which the positions are not the first: those who write them by hand
        put them there. It tells whole epochs, and no time of the clock.
        """
        opening = opening_of(head.lines)
        if opening is None or opening.separator != b",":
            return False
        if not {"step", "epoch"} < set(opening.names):
            return False
        twins = any(name.endswith(_TWINS) for name in opening.names)
        in_order = list(opening.names) == sorted(opening.names)
        of_csv_module = head.data.partition(b"\n")[0].endswith(b"\r")
        appended = of_csv_module and {"step", "epoch"} != set(opening.names[:2])
        return (twins or in_order or appended) and not _is_timed(opening)

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the folder of a version, which has but one metrics.csv."""
        return Home(path.parent if path.name == "metrics.csv" else path)

    def companions(self) -> Sequence[Path]:
        """Return where the hyperparameters are."""
        return [self.path.with_name("hparams.yaml")] if self.path else []

    def layout(self, header: Header) -> Layout:
        """Return the columns `step` and `epoch`, wherever they stand."""
        names = [name.lower() for name in header.names]
        step = names.index("step") if "step" in names else None
        epoch = names.index("epoch") if "epoch" in names else None
        return Layout([name or None for name in header.names], step, epoch)

    def elsewhere(self, columns: Columns, batch: Batch) -> Mask:
        """Return the rows without an epoch that hold an evaluation or whose step falls behind."""
        del columns
        without = np.isnan(batch.epochs)
        trained = np.where(without | np.isnan(batch.steps), -np.inf, batch.steps)
        at = np.where(np.isneginf(trained), 0, np.arange(1, len(trained) + 1))
        before = np.concatenate(([self._step], trained))[np.maximum.accumulate(at)]
        if len(before):
            self._step = float(before[-1])
        evaluated = np.zeros(len(trained), bool)
        for name, samples in batch.samples.items():
            if name.lower().startswith(_EVALUATIONS):
                evaluated[samples.rows] = True
        behind: Mask = without & (evaluated | (batch.steps < before))
        return behind


def _is_timed(opening: Opening) -> bool:
    """Return whether a column holds Unix seconds, or parts of epochs: Lightning writes neither."""
    values, told = opening.columns.values, opening.columns.present
    epochs = values[opening.names.index("epoch")]
    epochs = epochs[np.isfinite(epochs)]
    clocks = (
        is_clock(name, float(row[here][0]))
        for name, row, here in zip(opening.names, values, told, strict=True)
        if here.any()
    )
    return bool((epochs != np.round(epochs)).any()) or any(clocks)
