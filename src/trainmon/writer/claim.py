"""Which file a process appends to: a new one, unless the run is resumed or restarted.

A used folder is left alone and its neighbour ``<name>-2`` taken, so that two runs never mix in
one file. The ranks of one launch find the same folder without talking to each other.
"""

# ruff: noqa: PTH103, PTH120, PTH208 - pathlib costs 4 ms to import

import os
from typing import TYPE_CHECKING, NamedTuple

from trainmon.errors import WriterError
from trainmon.record import rank_file
from trainmon.writer.launcher import Process

if TYPE_CHECKING:  # loaded where a folder is used already
    from trainmon.writer.past import Past

_FOLDERS_LIMIT = 10_000
"""Folders tried of one name: with more runs than that, looking takes longer than a start may."""

_JOIN_WINDOW = 600.0
"""Seconds within which the ranks of one launch make their writers, where no id tells the launch:
they do so at the start of training, and the slowest node is minutes, not hours, behind."""

# The flags below make the file this process's own, and open the one that it already has.
NEW = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
AGAIN = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC


class Claim(NamedTuple):
    """A file that is this process's own, open for appending."""

    path: str
    descriptor: int
    attempt: int = 0
    half_line: bool = False

    @property
    def folder(self) -> str:
        """The run's folder."""
        return os.path.dirname(self.path)


def claim(folder: str, process: Process, *, resume: bool, now: float) -> Claim:
    """Open this process's file in `folder`, or in the first of its neighbours that is free.

    Raises `OSError` if that cannot be done, `WriterError` if no neighbour is free.
    """
    for number in range(1, _FOLDERS_LIMIT + 1):
        candidate = folder if number == 1 else f"{folder}-{number}"
        try:
            os.makedirs(candidate, exist_ok=True)
        except FileExistsError:
            if number == 1:
                raise
            continue  # a file that happens to be called like a neighbour
        claimed = _claim_in(candidate, process, resume=resume, now=now)
        if claimed is not None:
            return claimed
    raise WriterError(
        f"{folder} and {_FOLDERS_LIMIT - 1:,} folders like it are used",
        hint="give the run another name",
    )


def _claim_in(folder: str, process: Process, *, resume: bool, now: float) -> Claim | None:
    path = f"{folder}/{rank_file(process.rank)}"
    if not resume and _is_taken(folder, process, now):
        return None
    try:
        return Claim(path, os.open(path, NEW, 0o666))
    except FileExistsError:
        past = _past(path, must=resume)
    if resume or (past is not None and _is_restart(past, process)):
        descriptor = os.open(path, AGAIN)
        if past is None:
            return Claim(path, descriptor)
        return Claim(path, descriptor, past.attempt + 1, past.half_line)
    return None


def _is_restart(past: "Past", process: Process) -> bool:
    """Return whether the launcher started `process` again after the attempt of `past` failed.

    The launch alone does not say so: in an interactive job, or a script that trains several
    models, all runs have the same. But a run that finished is not restarted, nor one that lives.
    """
    if process.launch is None or past.header.get("launch") != process.launch or past.finished:
        return False
    header = past.header
    pid, began = header.get("pid"), header.get("time")
    if header.get("host") != os.uname().nodename or not isinstance(pid, int):
        return True
    from trainmon.writer.alive import is_alive  # noqa: PLC0415 - see TYPE_CHECKING

    return not is_alive(pid, began if isinstance(began, int | float) else 0.0)


def _is_taken(folder: str, process: Process, now: float) -> bool:
    """Return whether the folder holds another launch, though this rank's file may be free in it.

    That is so where an earlier training had fewer ranks. One of the other ranks' files tells.
    """
    if process.world_size == 1:
        return False
    own = rank_file(process.rank)
    names = (name for name in os.listdir(folder) if name.startswith("rank") and name != own)
    other = min((name for name in names if name.endswith(".jsonl")), default=None)
    past = _past(f"{folder}/{other}") if other is not None else None
    if past is None or not past.header:
        return False
    launch = past.header.get("launch")
    if launch is not None or process.launch is not None:
        return launch != process.launch
    sizes = {past.header.get("world_size"), process.world_size} - {None}
    began = past.header.get("time")
    began_with_us = isinstance(began, int | float) and abs(now - began) <= _JOIN_WINDOW
    return len(sizes) > 1 or not began_with_us


def _past(path: str, *, must: bool = False) -> "Past | None":
    """Return what a file tells of the attempts before; one that cannot be read raises if it must.

    A folder, a device, an unreadable file: else these are in any case not this run's.
    """
    from trainmon.writer.past import past_of  # noqa: PLC0415 - as above

    try:
        return past_of(path)
    except OSError:
        if must:
            raise
        return None
