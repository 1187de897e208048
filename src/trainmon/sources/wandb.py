"""W&B's own files, ``run-<id>.wandb``, as its clients write them on the machine that trains."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainmon.positions import Positions
from trainmon.record import EVENT_KEY, FORMAT_VERSION, HEADER_KEY, EventKind
from trainmon.source import Framing, Head, Home, Part, Source
from trainmon.store.batch import batch_of
from trainmon.wandb_files import record as wandb_record
from trainmon.wandb_files.leveldb_log import LogCutter
from trainmon.wandb_files.rows import ROW_KEYS, HistoryRows, system_record
from trainmon.wire.protobuf import MalformedError, fields, message_of

_HEADER = b":W&B\xe1\xbe\x00"
"""W&B's mark and the version, of which there has been one."""

_RUN_FOLDERS = ("run-", "offline-run-")


class WandbSource(Source):
    """Reads history, configuration, hardware and exit code of one run."""

    id = "wandb"
    summary = "W&B's run-*.wandb (no public format: best effort)"
    order = 4
    framing = Framing.BYTES
    binary = True

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._header_left = len(_HEADER)
        self._cutter = LogCutter(len(_HEADER))
        self._rows = HistoryRows()
        self._positions = Positions()
        self._name = ""
        self._config: dict[str, Any] = {}
        self._has_history = False
        self._over = False
        """Whether the process has ended: what W&B measures then is not of the run."""

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether the file begins with W&B's mark and the version that is known."""
        return head.data.startswith(_HEADER)

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the rows of further bytes."""
        of_header = min(self._header_left, len(data))
        self._header_left -= of_header
        cut = self._cutter.cut(data[of_header:])
        records: list[dict[str, Any]] = []
        malformed = 0
        for message in cut.records:
            try:
                records += self._records_of(message)
            except MalformedError:
                malformed += 1
        told = {"damaged chunks": cut.corrupt, "records that are none of W&B's": malformed}
        skipped = {reason: count for reason, count in told.items() if count}
        if not records:
            return [Part(batch_of([]), skipped=skipped)] if skipped else []
        first, *others = self._positions.place(batch_of(records, ROW_KEYS))
        return [replace(first, skipped=skipped), *others]

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the folder that W&B makes for a run, else the file."""
        return Home(path.parent if path.parent.name.startswith(_RUN_FOLDERS) else path)

    def remarks(self) -> Sequence[str]:
        """Return whether nothing has been logged yet."""
        return () if self._has_history else ("no history so far",)

    def _records_of(self, message: bytes) -> list[dict[str, Any]]:
        """Return what a Record tells as records in trainmon's own format."""
        records = []
        for number, content in fields(message):
            if number == wandb_record.HISTORY:
                record = self._rows.record(wandb_record.history(message_of(content)))
                self._has_history |= record is not None
            elif number == wandb_record.STATS and not self._over:
                record = system_record(*wandb_record.stats(message_of(content)))
            elif number == wandb_record.CONFIG:
                record = self._config_event(wandb_record.config(message_of(content)))
            elif number == wandb_record.RUN:
                record = self._run_record(*wandb_record.run(message_of(content)))
            elif number == wandb_record.EXIT:
                record = _finish_event(wandb_record.exit_code(message_of(content)))
                self._over = True
            else:
                continue
            if record is not None:
                records.append(record)
        return records

    def _run_record(self, name: str, config: dict[str, Any]) -> dict[str, Any] | None:
        """Return a header when the run has a name, at first or another one; else its settings."""
        if not name or name == self._name:
            return self._config_event(config)
        self._name = name
        self._config |= config
        return {HEADER_KEY: FORMAT_VERSION, "run": name, "config": config}

    def _config_event(self, config: dict[str, Any]) -> dict[str, Any] | None:
        """Return the settings that are new, None if there are none: W&B tells all of them often."""
        missing = object()
        new = {
            name: value
            for name, value in config.items()
            if self._config.get(name, missing) != value
        }
        self._config |= new
        return {EVENT_KEY: EventKind.CONFIG.value, "config": new} if new else None


def _finish_event(exit_code: int) -> dict[str, Any]:
    status = "failed" if exit_code else "finished"
    return {EVENT_KEY: EventKind.FINISH.value, "status": status, "exit_code": exit_code}
