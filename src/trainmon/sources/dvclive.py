"""DVCLive: plots/metrics/**/<name>.tsv, a table for each metric."""

from collections.abc import Sequence
from pathlib import Path

from trainmon.source import Head, Home
from trainmon.table import Header, opening_of
from trainmon.table.cells import TAB
from trainmon.table.source import Layout, TableSource
from trainmon.text import clean

_PLOTS = ("plots", "metrics")
_POSITIONS = ("step", "timestamp")


class DvcliveSource(TableSource):
    """Reads the steps and values of one metric, which is named by the file's path."""

    id = "dvclive"
    summary = "DVCLive: dvclive/plots/metrics/**/*.tsv"
    order = 42

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a table between tabs has a step, perhaps a time, and one metric."""
        opening = opening_of(head.lines)
        if opening is None or opening.separator != TAB:
            return False
        *positions, metric = opening.names
        return positions in (["step"], ["timestamp", "step"]) and metric not in _POSITIONS

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the folder that DVCLive writes to, which has a file for each metric."""
        metrics = _folder_of(path)
        return Home(metrics.parent.parent, gathered=True) if metrics else Home(path)

    def companions(self) -> Sequence[Path]:
        """Return where the parameters are."""
        metrics = _folder_of(self.path)
        return [metrics.parent.parent / "params.yaml"] if metrics else []

    def layout(self, header: Header) -> Layout:
        """Return that the last column is the metric, called by its path where that tells it."""
        *positions, metric = header.names
        metrics = _folder_of(self.path)
        if self.path is not None and metrics is not None:
            metric = clean(self.path.relative_to(metrics).with_suffix("").as_posix())
        places = {name: index for index, name in enumerate(positions)}
        names = [*positions, metric]
        return Layout(names, step=places.get("step"), time=places.get("timestamp"))


def _folder_of(path: Path | None) -> Path | None:
    """Return the folder `plots/metrics` that a file is in, however deep."""
    folders = path.parents if path else ()
    return next((folder for folder in folders if folder.parts[-2:] == _PLOTS), None)
