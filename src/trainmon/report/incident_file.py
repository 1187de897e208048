"""The file of incidents: one line of strict JSON for each decision of a rule, as it falls.

A line tells the run and its path, the rank, the rule and its metric, the kind (opened, worsened,
repeated, cleared), severity and title, step, epoch, time and onset, and the evidence; what a clock
or a probe decided is marked ``live``. A line of the kind ``anew`` says that a run is judged from
its beginning: the lines on it so far are void.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from trainmon.decisions import Decided
from trainmon.errors import UsageError
from trainmon.record import HEADER_KEY
from trainmon.report.json import spelled, whole
from trainmon.text import clean

# Without O_NONBLOCK a FIFO that nobody reads would hang the open, and a full one the monitor.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

_MODE = 0o666
"""Permissions of a new file, less those that the person's umask takes."""

_FIRST_BYTES = 4_096
"""Bytes in which the header of a log of ours is looked for."""

_CLOSED = -1
"""The descriptor of no file: writing to it fails."""


Names = Mapping[str, str]
"""What paths are called where they are not those that were asked for, as that of a pipe."""


@contextmanager
def incident_file(path: Path, names: Names | None = None) -> Iterator["IncidentFile"]:
    """Open a file of incidents to append to, and close it at the end.

    Raises `UsageError` where it cannot be written, or is a log of ours.
    """
    file = IncidentFile(path, names)
    try:
        yield file
    finally:
        file.close()


class IncidentFile:
    """Appends whole lines, each with one write. Owned by the monitor thread.

    A line that cannot be written is lost, with a notice, and the next one is tried again.
    """

    def __init__(self, path: Path, names: Names | None = None) -> None:
        self.file = path
        self.notices: tuple[str, ...] = ()
        self._names = names or {}
        self._descriptor = _opened(path)
        first, last = _ends(path, self._descriptor)
        if _is_header(first.partition(b"\n")[0]):
            self.close()
            raise UsageError(f"'{clean(str(path))}' is a log", hint="record in another file")
        self._continued = bool(last)
        self._torn = last not in {b"", b"\n"}
        self._seen: set[tuple[str, str]] = set()

    def take(self, run: str, path: str, decided: Decided) -> None:
        """Append the line of a decision."""
        if (run, path) not in self._seen:
            self._seen.add((run, path))
            if self._continued:
                self.anew(run, path, "it is read from its beginning")
        self._append(self._about(run, path) | _fields(decided))

    def anew(self, run: str, path: str, why: str) -> None:
        """Append that a run is judged anew."""
        self._append(self._about(run, path) | {"kind": "anew", "why": why})

    def close(self) -> None:
        """Close the file; what is decided after that is lost."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)

    def _about(self, run: str, path: str) -> dict[str, Any]:
        called = self._names.get(path, path)
        own_name = called != path and run == Path(path).name
        return {"run": called if own_name else run, "path": called}

    def _append(self, fields: Mapping[str, Any]) -> None:
        try:
            line = b"\n" * self._torn + orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
            written = os.write(self._descriptor, line)
        except OSError as error:
            self._tell(error.strerror or str(error))
            return
        except TypeError as error:  # evidence that is no JSON
            self._tell(f"{fields.get('rule')}: {error}")
            return
        self._torn = written < len(line)  # the next line begins anew, as if this one had ended
        if self._torn:
            self._tell("it takes no whole line")

    def _tell(self, why: str) -> None:
        notice = f"incidents are lost, '{clean(str(self.file))}' cannot be written: {clean(why)}"
        self.notices = tuple(dict.fromkeys((*self.notices, notice)))


def _opened(path: Path) -> int:
    try:
        return os.open(path, _FLAGS, _MODE)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"'{clean(str(path))}' cannot be recorded in: {why}") from error


def _ends(path: Path, descriptor: int) -> tuple[bytes, bytes]:
    """Return the first bytes of a file and its last one; nothing of what is no regular file."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return b"", b""
    with suppress(OSError), path.open("rb") as file:  # it may be there to write alone
        first = file.read(_FIRST_BYTES)
        file.seek(-1, os.SEEK_END)
        return first, file.read(1)
    return b"", b"\n"


def _is_header(line: bytes) -> bool:
    with suppress(orjson.JSONDecodeError):
        record = orjson.loads(line)
        return isinstance(record, dict) and HEADER_KEY in record
    return False


def _fields(decided: Decided) -> dict[str, Any]:
    return {
        "rank": decided.rank,
        "rule": decided.rule,
        "kind": decided.kind.value,
        "severity": decided.severity.word,
        "title": decided.title,
        "metric": decided.metric,
        "step": whole(decided.step),
        "epoch": decided.epoch,
        "time": decided.time,
        "onset_step": whole(decided.onset_step),
        "evidence": spelled(decided.evidence),
        **({"live": True} if decided.live else {}),
    }
