"""The log of a training in memory, line by line as trainmon's writer would append them."""

from typing import Any

from trainmon.record import EVENT_KEY, FORMAT_VERSION, HEADER_KEY, spell
from trainmon.store.batch import Record

BEGAN = 1_763_668_800.0
"""Unix seconds at which every training begins; its clock is simulated."""


class Journal:
    """Records in the order in which they were told; `now` is advanced by the training."""

    def __init__(self, run: str) -> None:
        self.records: list[Record] = []
        self.now = BEGAN
        self._run = run
        self._attempts = 0

    def header(self, config: dict[str, Any]) -> None:
        """Begin an attempt."""
        header: Record = {HEADER_KEY: FORMAT_VERSION, "run": self._run, "time": self.now}
        header |= {"config": config, "rank": 0, "world_size": 1, "host": "gpu-node-3"}
        self.records.append({**header, "pid": 4_711 + self._attempts, "attempt": self._attempts})
        self._attempts += 1

    def log(self, metrics: dict[str, float], step: int, epoch: float | None) -> None:
        """Append the metrics of a step."""
        line: Record = {name: spell(float(value)) for name, value in metrics.items()}
        self.records.append(line | self._place(step, epoch))

    def alone(self, metrics: dict[str, float], now: float) -> None:
        """Append what another thread read at a moment, at no step."""
        line: Record = {name: spell(float(value)) for name, value in metrics.items()}
        self.records.append(line | {"time": round(now, 4)})

    def event(
        self, event: str, step: int | None = None, epoch: float | None = None, /, **fields: object
    ) -> None:
        """Append an event."""
        self.records.append({EVENT_KEY: event, **self._place(step, epoch), **fields})

    def _place(self, step: int | None, epoch: float | None) -> Record:
        place: Record = {"step": step, "epoch": epoch, "time": round(self.now, 4)}
        return {key: value for key, value in place.items() if value is not None}
