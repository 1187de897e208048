"""MLflow's file store: mlruns/<experiment>/<run>/metrics/<name>, a file for each metric."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from trainmon.positions import Positions
from trainmon.roles import normalised
from trainmon.settings_file import settings_in
from trainmon.source import Head, Home, Part, Source
from trainmon.store.batch import Batch, Samples
from trainmon.text import clean

_LINE = re.compile(rb"(\d{12,14}) (\S{1,40}) (-?\d{1,18})(?: .*)?")
"""Unix milliseconds, a value and a step; later versions append the name of a data set."""

_FIRST_LINES = 20
"""Lines that all have to be of that form."""

_UNREADABLE = "lines that are no time, value and step"
_METRICS, _PARAMETERS, _ABOUT = "metrics", "params", "meta.yaml"

_PARAMETERS_LIMIT = 1_000
"""Parameters that are read, a file for each: real runs have some hundred."""


class MlflowSource(Source):
    """Reads the lines of one metric, whose name is the file's path below `metrics`.

    Where all steps are 0, as they are if a script tells none, the lines are counted.
    """

    id = "mlflow"
    summary = "MLflow's file store: mlruns/"
    order = 45

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._positions = Positions()
        self._all_zero = 0  # lines so far if all of them stood at step 0, else -1
        self._name, self._factor = normalised(_metric_of(path))

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether each of the first lines is a time in milliseconds, a value and a step."""
        lines = [line.strip() for line in head.lines.split(b"\n", _FIRST_LINES)[:_FIRST_LINES]]
        return any(lines) and all(map(_LINE.fullmatch, filter(None, lines)))

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the folder of the run, of whose metrics each is a file."""
        folder = _folder_of(path)
        return Home(folder.parent, gathered=True) if folder else Home(path)

    def companions(self) -> Sequence[Path]:
        """Return the files of the parameters, and the one that names the run."""
        folder = _folder_of(self.path)
        if folder is None:
            return []
        try:
            parameters = sorted(
                islice(folder.with_name(_PARAMETERS).rglob("*"), _PARAMETERS_LIMIT - 1)
            )
        except OSError:
            parameters = []
        return [folder.with_name(_ABOUT), *parameters]

    def settings(self, companion: Path, content: bytes) -> Mapping[str, Any]:
        """Return one parameter, called as its file is, or the name of the run."""
        folder = _folder_of(self.path)
        if folder is None:
            return {}
        if companion.name == _ABOUT and companion.parent == folder.parent:
            name = settings_in(content).get("run_name")
            return {"run_name": name} if isinstance(name, str) and name else {}
        name = companion.relative_to(folder.with_name(_PARAMETERS)).as_posix()
        return {name: content.decode(errors="replace").strip()}

    def read(self, data: bytes) -> Sequence[Part]:
        """Return a record for each line."""
        lines = [line.strip(b"\x00\r\t ") for line in data.split(b"\n")]
        rows = [_row(line) for line in lines if line]
        told = [row for row in rows if row is not None]
        unreadable = len(rows) - len(told)
        skipped = {_UNREADABLE: unreadable} if unreadable else {}
        times, values, steps = np.array(told, np.float64).reshape(-1, 3).T
        every_row = np.arange(len(told), dtype=np.int32)
        samples = {self._name: Samples(every_row, values * self._factor)} if told else {}
        nowhere = np.full(len(told), np.nan)
        batch = Batch(np.array(self._counted(steps.tolist())), nowhere, times / 1e3, samples)
        parts = self._positions.place(batch) or [Part(batch)]
        first = parts[0]
        return [Part(first.batch, first.begins_run, skipped=skipped), *parts[1:]]

    def _counted(self, steps: Sequence[float]) -> list[float]:
        """Return steps, of which those that were not told are the number of the line."""
        counted = []
        for step in steps:
            untold = step == 0 and self._all_zero >= 0
            counted.append(float(self._all_zero) if untold else step)
            self._all_zero = self._all_zero + 1 if untold else -1
        return counted


def _row(line: bytes) -> tuple[float, float, float] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    try:
        return float(match[1]), float(match[2]), float(match[3])
    except ValueError:
        return None


def _folder_of(path: Path | None) -> Path | None:
    """Return the folder `metrics` that a file is in, however deep."""
    folders = path.parents if path else ()
    return next((folder for folder in folders if folder.name == _METRICS), None)


def _metric_of(path: Path | None) -> str:
    folder = _folder_of(path)
    if path is None or folder is None:
        return path.name if path else "value"
    return clean(path.relative_to(folder).as_posix())
