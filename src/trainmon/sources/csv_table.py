"""Any CSV or TSV that is a log: of reinforcement learning, of exports, of people's own loops."""

import re
from collections.abc import Sequence
from pathlib import Path

from trainmon.record import KEYS_LIMIT
from trainmon.roles import Role, role_of
from trainmon.source import Head
from trainmon.store.batch import Batch
from trainmon.table import Header, opening_of
from trainmon.table.export_names import is_export, metric_names, runs_in, without_twins
from trainmon.table.source import Layout, TableSource

_STEPS = (
    *("step", "globalstep", "trainerglobalstep", "trainglobalstep", "steps", "stepnum"),
    *("timetotaltimesteps", "totaltimesteps", "timestepstotal", "totalenvinteracts"),
    *("totalenvsteps", "envsteps", "numtimesteps", "timesteps", "timestep", "numenvstepssampled"),
    *("iteration", "iter", "niter", "iters", "iterations", "itr", "trainingiteration"),
    *("timeiterations", "update", "updates", "nupdates", "episode", "episodes"),
)
"""How projects call the column that counts, in small letters and without punctuation. The first
that a table has is its step; those of environments come before those of updates of a policy."""

_EPOCHS = ("epoch", "epochs", "trainepoch", "currentepoch", "epochnum")
_TIMES = ("timestamp", "walltime", "unixtime", "createdat", "time", "ts")
_INDEXES = ("", "unnamed0", "index")
"""How pandas calls the column of row numbers; it counts where nothing else does."""

_PUNCTUATION = re.compile(r"[^a-z0-9]")

_COMPANIONS = (
    *("config.json", "params.json", "config.yaml", "config.yml", "args.yml", "hparams.yaml"),
)
"""Files beside a table that may hold the configuration."""

_OF_SAMPLES = frozenset({"id", "label"})
"""Columns of predictions: where nothing tells a place, a row beside one is of a sample."""

_UNTELLING = frozenset({Role.OTHER, Role.COUNTER, Role.SYSTEM})
"""Roles of columns that a table of data has as well."""


class CsvSource(TableSource):
    """Reads a table whose columns' names say that it is a log and where its rows stand."""

    id = "csv"
    summary = "any CSV or TSV with a step, an epoch or a loss: progress.csv, W&B exports"
    order = 80

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a table has numbers beside its positions, and names that a log has."""
        opening = opening_of(head.lines)
        if opening is None:
            return False
        layout = _layout(opening.columns.header.names)
        positions = {layout.step, layout.epoch, layout.time}
        told = [bool(column.any()) for column in opening.columns.present]
        metrics = [
            name
            for index, name in enumerate(layout.names[:KEYS_LIMIT])
            if name and told[index] and index not in positions
        ]
        counts = any(index is not None and told[index] for index in (layout.step, layout.epoch))
        placed = counts or layout.time is not None
        of_samples = not placed and not _OF_SAMPLES.isdisjoint(map(str.lower, opening.names))
        named = not of_samples and any(role_of(n).role not in _UNTELLING for n in metrics)
        return bool(metrics) and (named or (counts and not _is_index(opening.names, layout)))

    def companions(self) -> Sequence[Path]:
        """Return where trainers that write such tables put their configuration."""
        return [self.path.with_name(name) for name in _COMPANIONS] if self.path else []

    def layout(self, header: Header) -> Layout:
        """Return the columns whose names tell positions."""
        return _layout(header.names)

    def arranged(self, header: Header, batch: Batch) -> Batch:
        """Return the records of an export without twins that tell nothing."""
        return without_twins(batch) if is_export(header.names) else batch

    def remarks(self) -> Sequence[str]:
        """Return that the columns belong to several runs, if so."""
        names = self._table.header.names if self._table.header else ()
        runs = runs_in(names) if names and is_export(names) else []
        return [f"an export of {len(runs)} runs, read as one"] if len(runs) > 1 else []


def _layout(names: Sequence[str]) -> Layout:
    bare = [_PUNCTUATION.sub("", name.lower()) for name in names]
    step, epoch, time = _first(bare, _STEPS), _first(bare, _EPOCHS), _first(bare, _TIMES)
    index = _first(bare[:1], _INDEXES)
    if step is None and epoch is None:
        step = index
    stored = metric_names(names) if is_export(names) else names
    metrics = [None if i == index else name or None for i, name in enumerate(stored)]
    return Layout(metrics, step, epoch, time)


def _first(bare: Sequence[str], candidates: Sequence[str]) -> int | None:
    """Return the index of the first candidate that any column is called by."""
    return next((bare.index(name) for name in candidates if name in bare), None)


def _is_index(names: Sequence[str], layout: Layout) -> bool:
    """Return whether what counts is a column of row numbers, which any table may have."""
    return layout.step == 0 and _PUNCTUATION.sub("", names[0]) in _INDEXES
