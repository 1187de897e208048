"""A log that comes through a pipe, as a file that is read like any other."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, TextIO

from trainmon.errors import UsageError
from trainmon.view import View

DASH = Path("-")
"""What stands for standard input among the paths of a command."""

_CHUNK = 1 << 20
"""Bytes copied at a time (1 MiB): a log of any size goes to the disk and not into memory."""

_NAME = "standard-input"
"""The name of the file: the content decides on the format, so it needs no ending."""


@contextmanager
def spooled(paths: Sequence[Path], stream: BinaryIO | None = None) -> Iterator[list[Path]]:
    """Give `paths` with a temporary file in place of ``-``, which holds all of standard input.

    Raises `UsageError` if standard input is closed, or a terminal, where nothing would ever come.
    """
    if DASH not in paths:
        yield list(paths)
        return
    stdin: TextIO | None = sys.stdin  # none where the shell closed it
    if stream is None and stdin is None:
        raise UsageError("standard input is closed", hint="cat LOG | trainmon check -")
    if stream is None and sys.stdin.isatty():
        raise UsageError("standard input is a terminal", hint="cat LOG | trainmon check -")
    with tempfile.TemporaryDirectory(prefix="trainmon-") as folder:
        file = Path(folder) / _NAME
        with file.open("wb") as copy:
            shutil.copyfileobj(stream or sys.stdin.buffer, copy, _CHUNK)
        yield [file if path == DASH else path for path in dict.fromkeys(paths)]


def as_piped(view: View, given: Sequence[Path], read: Sequence[Path]) -> View:
    """Return a view in which the temporary file is called ``-``."""
    if DASH not in given:
        return view
    spool = str(next(path for path in read if path not in given))

    def shown(text: str) -> str:
        return text.replace(spool, str(DASH))

    return replace(
        view,
        runs=tuple(
            replace(run, name=str(DASH) if run.name == _NAME else run.name, path=shown(run.path))
            if run.path == spool
            else run
            for run in view.runs
        ),
        files=tuple(replace(file, path=shown(file.path)) for file in view.files),
        notices=tuple(map(shown, view.notices)),
        failures=tuple(map(shown, view.failures)),
    )
