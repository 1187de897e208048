"""Opens a run's file, or says in one line why that cannot be."""

# ruff: noqa: PTH100, PTH119 - pathlib costs 4 ms to import

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from trainmon.errors import WriterError
from trainmon.writer.claim import Claim, claim
from trainmon.writer.header import header_line
from trainmon.writer.launcher import Process
from trainmon.writer.line_file import LineFile
from trainmon.writer.plain import Plain, text

_HINTS: dict[type[Exception], str] = {
    FileExistsError: "it is a file; give the run a folder of its own, such as logs/baseline",
    NotADirectoryError: "a part of the path is a file; give a folder, such as logs/baseline",
    PermissionError: "choose a folder that you may write to",
}
_OTHER_HINT = "choose a folder on a disk that is writable and has room"


class Opened(NamedTuple):
    """A run's file with its header written."""

    process: Process
    config: Mapping[str, Plain]
    run: str
    claim: Claim
    file: LineFile


def open_run(
    folder: str | os.PathLike[str],
    process: Process,
    config: Mapping[str, Plain],
    *,
    resume: bool,
    run: str | None,
    now: float,
    timer: Callable[[], float],
    tell: Callable[[str, str], None],
) -> Opened:
    """Claim a file for `process` in `folder` or its neighbour, and begin it with a header.

    Raises `WriterError`, with a hint, if that cannot be done.
    """
    try:
        claimed = claim(os.path.abspath(os.fsdecode(folder)), process, resume=resume, now=now)
        name = os.path.basename(claimed.folder) if run is None else text(run)
        header = header_line(process, run=name, config=config, attempt=claimed.attempt, now=now)
        return Opened(process, config, name, claimed, LineFile(claimed, header, tell, timer))
    except (OSError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = _HINTS.get(type(error), _OTHER_HINT)
        raise WriterError(f"cannot log to {folder}: {reason}", hint=hint) from error
