"""trackio without a Space: a database in a folder."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path

from tests.bench.bench_log import METRICS
from tests.bench.trackers.tracker import Log


class TrackioLocal:
    """A thread beside the training writes what was logged, every half second."""

    name = "trackio"
    needs = ("trackio",)

    def environment(self, folder: Path) -> Mapping[str, str]:
        """Return variables that keep it in `folder` and off the network."""
        places = {"TRACKIO_DIR": str(folder / "trackio"), "HF_HOME": str(folder / "hf")}
        return places | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

    def start(self, _folder: Path) -> Log:
        """Begin a run."""
        run = import_module("trackio").init(project="bench", name="run", embed=False)
        return lambda metrics, step: run.log(dict(metrics), step=step)

    def kept(self, folder: Path) -> set[int]:
        """Read the database, which may not have been made yet."""
        database = folder / "trackio" / "bench.db"
        if not database.exists():
            return set()
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT step, metrics FROM metrics").fetchall()
        return {step for step, metrics in rows if json.loads(metrics).keys() >= METRICS.keys()}
