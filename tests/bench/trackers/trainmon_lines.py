"""trainmon itself, measured as the others are."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.bench.trackers.tracker import Log
from trainmon import Writer


class Trainmon:
    """One line of JSON per call."""

    name = "trainmon"
    needs = ("trainmon",)

    def environment(self, _folder: Path) -> Mapping[str, str]:
        """Return nothing: it goes where it is told to."""
        return {}

    def start(self, folder: Path) -> Log:
        """Begin a run."""
        return Writer(folder / "run").log

    def kept(self, folder: Path) -> set[int]:
        """Read the lines."""
        _header, *lines = (folder / "run" / "rank0.jsonl").read_bytes().splitlines()
        return {json.loads(line)["step"] for line in lines}
