"""What the loader's tests share: a journal that can be read back, and a clock that they turn."""

import io
import json
from pathlib import Path
from typing import Any

from trainmon import Writer


class Logbook:
    """A writer, and what it has written."""

    def __init__(self, folder: Path, config: dict[str, Any] | None = None) -> None:
        self.stderr = io.StringIO()
        self.writer = Writer(folder, config=config, clock=lambda: 1.0, stderr=self.stderr)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The metrics lines; what still waits for one is written first."""
        self.writer.log({"end": 1.0})
        lines = [json.loads(line) for line in Path(self.writer.path).read_text().splitlines()]
        return [line for line in lines if not {"event", "trainmon"} & line.keys()]

    def values(self, name: str) -> list[Any]:
        return [line[name] for line in self.lines if name in line]

    def events(self, kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in Path(self.writer.path).read_text().splitlines()]
        return [line for line in lines if line.get("event") == kind]

    @property
    def told(self) -> str:
        return self.stderr.getvalue()


class Clock:
    """Seconds that pass only when a test lets them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
