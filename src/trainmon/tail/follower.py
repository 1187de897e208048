"""Follow one growing file by its name: whole lines come out, whatever happens to the file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trainmon.errors import ReadError
from trainmon.record import LINE_LIMIT
from trainmon.tail.line_cutter import LineCutter
from trainmon.tail.open_files import OpenFiles
from trainmon.tail.place import Place
from trainmon.tail.regular import open_regular

DELETED = "the file was deleted; what was read of it stays"
REPLACED = "the file was replaced; it is read from its beginning"
REWRITTEN = "the file was truncated or rewritten; it is read from its beginning"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one read of a file gave."""

    lines: bytes
    r"""Zero or more whole lines, each ending in ``\n``."""
    fresh: bool = False
    """These are the first lines of the file or of another one that took its name: forget what
    came before."""
    notices: tuple[str, ...] = ()
    """What happened to the file, in words; its name is not repeated."""
    more: bool = False
    """More bytes were waiting when the limit was reached: read again."""


class Follower:
    """Reads what is appended to the file at `path`, which need not exist yet.

    The *name* is followed. When another file takes it, the rest of the old one is given first and
    then the new one from its beginning. A file that shrank, or no longer holds the bytes that were
    read, starts over. A deleted file keeps what was read. What cannot be read (a FIFO, a folder,
    no permission) is told once and tried again at each read; nothing is raised.

    A read of a file that did not change costs one ``os.stat``. Followers that share `open_files`
    keep at most that many descriptors open. Owned by one thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        open_files: OpenFiles | None = None,
        opener: Callable[[Path], int] = open_regular,
    ) -> None:
        self.path = path
        self._open_files = OpenFiles() if open_files is None else open_files
        self._opener = opener
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None  # device and inode, once opened
        self._place = Place()
        self._cutter = LineCutter()
        self._fresh = True
        # How the file looked when it was last read to its end.
        self._settled: tuple[int, ...] | None = None
        self._trouble = ""
        self._notices: list[str] = []

    def read(self, limit: int) -> Chunk | None:
        """Return what is new, reading at most `limit` bytes, or None if nothing is.

        Raises ValueError if `limit` is not positive.
        """
        if limit < 1:
            raise ValueError(f"a read needs at least one byte, not {limit}")
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return self._leave(limit, DELETED) or self._chunk(b"")
        except OSError as error:
            return self._failed(error)
        if self._identity not in {None, _identity(status)}:
            rest = self._leave(limit, REPLACED)
            if rest is not None:
                return rest
        if self._settled == _look(status):
            return None
        return self._advance(limit)

    def finish(self) -> Chunk | None:
        """Return the last line if the file ends without a newline, given that it has ended.

        None if there is no such line, or if the file was not read to its end.
        """
        return None if self._settled is None else self._chunk(self._cutter.finish())

    def release(self) -> None:
        """Close the descriptor but keep the place: the next read goes on from there."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._open_files.closed(self)

    def _advance(self, limit: int) -> Chunk | None:
        """Read on, or from the beginning if the file is no longer the one that was read."""
        try:
            descriptor = self._opened()
            status = os.fstat(descriptor)
            if self._identity != _identity(status):
                self._start_over(REPLACED)
                self._identity = _identity(status)
            elif not self._place.holds(descriptor, status.st_size):
                self._start_over(REWRITTEN)
                self._identity = _identity(status)
            piece = self._pread(descriptor, status.st_size, limit)
        except FileNotFoundError:
            return self._chunk(b"")  # deleted since it was looked at: the next read tells
        except (OSError, ReadError) as error:
            self.release()
            return self._failed(error)
        self._trouble = ""
        # The size is the one from before the read: what was appended since changes it, and a
        # short read, as network file systems give, does not look like the end.
        more = bool(piece) and self._place.offset + len(piece) < status.st_size
        self._settled = None if more else _look(status)
        return self._take(piece, more=more)

    def _pread(self, descriptor: int, size: int, limit: int) -> bytes:
        """Return the bytes from the place on, asking for no more than there are.

        A buffer of the whole limit for each line of a live file would take twice the time.
        """
        return os.pread(descriptor, min(limit, size - self._place.offset), self._place.offset)

    def _opened(self) -> int:
        descriptor = self._opener(self.path) if self._descriptor is None else self._descriptor
        self._descriptor = descriptor
        self._open_files.used(self)
        return descriptor

    def _leave(self, limit: int, event: str) -> Chunk | None:
        """Return what is left of the file that lost its name; None once it is left behind."""
        if self._identity is None:
            return None
        piece = self._rest(limit)
        if piece:
            return self._take(piece, more=True)
        last = self._cutter.finish()
        if last:
            return self._chunk(last, more=True)
        self.release()
        self._start_over(event)
        return None

    def _rest(self, limit: int) -> bytes:
        """Return up to `limit` further bytes of the old file, none if they are out of reach."""
        if self._descriptor is None:
            return b""
        try:
            size = os.fstat(self._descriptor).st_size
            if self._place.holds(self._descriptor, size):
                return self._pread(self._descriptor, size, limit)
        except OSError:  # a stale handle, as NFS gives for a file deleted elsewhere
            pass
        return b""

    def _start_over(self, event: str) -> None:
        """Forget the file; `event` is told if anything was read of it."""
        if self._place.offset > 0:
            self._notices.append(event)
        self._identity = None
        self._place = Place()
        self._cutter.forget()
        self._fresh = True
        self._settled = None

    def _failed(self, error: OSError | ReadError) -> Chunk | None:
        """Tell a trouble that was not told by the read before; the place is kept."""
        reason = error.message if isinstance(error, ReadError) else error.strerror or str(error)
        if reason != self._trouble:
            self._notices.append(f"the file cannot be read: {reason}")
        self._trouble = reason
        self._settled = None
        return self._chunk(b"")

    def _take(self, piece: bytes, *, more: bool) -> Chunk | None:
        self._place = self._place.after(piece)
        cut = self._cutter.cut(piece)
        if cut.skipped:
            size = f"over {LINE_LIMIT >> 20} MiB"
            self._notices.append(
                f"a line of {size} was skipped"
                if cut.skipped == 1
                else f"{cut.skipped} lines of {size} were skipped"
            )
        return self._chunk(cut.lines, more=more)

    def _chunk(self, lines: bytes, *, more: bool = False) -> Chunk | None:
        """Return the chunk of `lines` and of all that is to be told, None if it is empty."""
        if not (lines or self._notices or more):
            return None
        chunk = Chunk(lines, self._fresh and bool(lines), tuple(self._notices), more)
        self._fresh = self._fresh and not lines
        self._notices.clear()
        return chunk


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _look(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when a file is written to or replaced."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
