"""A file that gets whole lines, one write each, and outlives what happens to it meanwhile.

``O_APPEND`` makes the kernel place each write behind the last, so lines of several threads or
processes never mix, and what is written is safe from the death of the process. Nothing is
buffered, nothing is locked, nothing is synchronised to disk.
"""

# ruff: noqa: PTH102, PTH108 - pathlib costs 4 ms to import

import contextlib
import errno
import os
from collections.abc import Callable
from math import inf
from time import perf_counter

from trainmon.record import LINE_LIMIT
from trainmon.writer.claim import AGAIN, NEW, Claim
from trainmon.writer.pace import Pace

_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the file is still there. A look takes a microsecond; what
was written to a deleted file since the last one is lost."""

_NONE = -1
"""The descriptor of no file: writing to it fails."""


class LostError(OSError):
    """There is no file to write to; the message says why."""


class LineFile:
    """A file open for appending whole lines.

    A file that is moved is still written to. One that is deleted is made again with its header,
    if its folder's parent is there; what someone else has put in its place is not touched.
    """

    __slots__ = (
        "_claim",
        "_descriptor",
        "_header",
        "_identity",
        "_look_at",
        "_looked_at",
        "_lost",
        "_pace",
        "_tell",
        "_timer",
        "_torn",
    )

    def __init__(
        self,
        claim: Claim,
        header: bytes,
        tell: Callable[[str, str], None],
        timer: Callable[[], float] = perf_counter,
    ) -> None:
        """Append `header` to the claimed file; `tell` gets a kind and a text worth knowing.

        Raises `OSError` if the header cannot be written; a file that was new is then gone again.
        """
        self._pace = Pace()
        self._timer = timer
        self._claim = claim
        self._header = header
        self._tell = tell
        self._lost = ""
        self._looked_at = self._look_at = 0.0
        self._torn = claim.half_line
        self._descriptor = claim.descriptor
        self._identity = _identity(claim.descriptor)
        try:
            self._write(header)
        except OSError:
            self.close()
            if claim.attempt == 0:
                os.unlink(claim.path)
            raise

    def append(self, line: bytes, now: float) -> bool:
        """Append `line`, which ends in a newline, at `now` (Unix seconds).

        Returns whether writes were just seen to be slow. Raises `OSError` if not all of it was
        written; the next one then begins a line of its own.
        """
        if self._looked_at <= now < self._look_at:
            self._write(line)
            return False
        self._look(now)  # the clock may have been set back
        started = self._timer()
        self._write(line)
        self._pace.took(self._timer() - started)
        return self._pace.slow

    def _write(self, line: bytes) -> None:
        if self._torn:
            line = b"\n" + line
        size = len(line)
        if size > LINE_LIMIT:
            raise OSError(errno.EMSGSIZE, f"it takes {size:,} bytes of at most {LINE_LIMIT:,}")
        try:
            written = os.write(self._descriptor, line)
        except OSError:
            if self._descriptor == _NONE:
                raise LostError(self._lost) from None
            raise
        self._torn = written != size
        if self._torn:
            raise OSError(errno.ENOSPC, "there was room for a part of it only")

    def close(self, why: str = "the file is closed") -> None:
        """Write nothing more; `why` is told to those who try."""
        self._lost = why
        self._looked_at, self._look_at = -inf, inf
        self._release()

    def __del__(self) -> None:
        if hasattr(self, "_identity"):  # else the constructor did not come that far
            self._release()

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, _NONE
        # Code that closes all descriptors it finds, as daemons do, may have given the number away.
        if _identity(descriptor) == self._identity:
            os.close(descriptor)

    def _look(self, now: float) -> None:
        """Find the file again, or make it again, if the descriptor leads to no file any more."""
        self._looked_at = now
        self._look_at = now + _LOOK_EVERY
        if _identity(self._descriptor) == self._identity and os.fstat(self._descriptor).st_nlink:
            if not self._pace.settled:
                self._look_at = now  # the next one is timed too
            return
        self._release()
        try:
            self._reopen()
        except OSError as error:
            self._lost = f"it was deleted and cannot be made again: {error.strerror}"
            raise LostError(self._lost) from error

    def _reopen(self) -> None:
        path = self._claim.path
        with contextlib.suppress(FileExistsError):
            # Its parent is not made: where that is gone, so is the disk that it was on.
            os.mkdir(self._claim.folder)
        try:
            descriptor = os.open(path, NEW, 0o666)
        except FileExistsError:
            descriptor = os.open(path, AGAIN)
            if _identity(descriptor) != self._identity:
                os.close(descriptor)
                raise FileExistsError(errno.EEXIST, "another file is in its place") from None
            self._descriptor = descriptor
            return
        self._descriptor, self._identity, self._torn = descriptor, _identity(descriptor), False
        self._write(self._header)
        self._tell("deleted", f"{path} was deleted while the run wrote to it; it begins anew")


def _identity(descriptor: int) -> tuple[int, int] | None:
    """Return what tells the open file from all others, or None if none is open."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
