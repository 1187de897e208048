"""Weights & Biases in offline mode, which writes a log for a later upload."""

import struct
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.bench.trackers.tracker import Log

_FILE_HEADER: Final = 7
"""Bytes before the first block: a mark and a version."""

_BLOCK: Final = 32_768
"""Bytes of a block of LevelDB's log format, which no chunk of a record crosses."""

_CHUNK_HEADER: Final = struct.Struct("<IHB")
"""Checksum, length and kind of a chunk."""

_LAST_CHUNKS: Final = frozenset({1, 4})
"""The kinds that end a record: a whole one, or the last of several."""


class WandbOffline:
    """A process beside the training receives the records and writes them."""

    name = "wandb offline"
    needs = ("wandb",)

    def environment(self, folder: Path) -> Mapping[str, str]:
        """Return variables that keep it in `folder` and off the network."""
        folders = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")
        offline = {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
        return {name: str(folder) for name in folders} | offline | {"WANDB_SILENT": "true"}

    def start(self, folder: Path) -> Log:
        """Begin a run."""
        run = import_module("wandb").init(project="bench", dir=folder)
        return lambda metrics, step: run.log(dict(metrics), step=step)

    def kept(self, folder: Path) -> set[int]:
        """Read the history records of the log."""
        record_of = import_module("wandb.proto.wandb_internal_pb2").Record.FromString
        (log,) = folder.glob("wandb/offline-run-*/run-*.wandb")
        records = map(record_of, _records(log.read_bytes()))
        return {record.history.step.num for record in records if record.HasField("history")}


def _records(content: bytes) -> Iterator[bytes]:
    """Return the whole records of a log.

    The format is LevelDB's: https://github.com/google/leveldb/blob/main/doc/log_format.md
    """
    record, place = b"", _FILE_HEADER
    while place + _CHUNK_HEADER.size <= len(content):
        left = _BLOCK - place % _BLOCK
        if left < _CHUNK_HEADER.size:  # filled with zeros
            place += left
            continue
        _checksum, length, kind = _CHUNK_HEADER.unpack_from(content, place)
        place += _CHUNK_HEADER.size + length
        if kind == 0 or place > len(content):
            return
        record += content[place - length : place]
        if kind in _LAST_CHUNKS:
            yield record
            record = b""
