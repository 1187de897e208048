"""Follow a file that is rewritten as a whole: all of it comes out whenever it changed."""

import os
from collections.abc import Callable
from pathlib import Path

from trainmon.errors import ReadError
from trainmon.tail.chunk import DELETED, Chunk
from trainmon.tail.gunzip import MAGIC, RAW_PIECE, Gunzip
from trainmon.tail.open_files import OpenFiles
from trainmon.tail.place import Look, Pread, look_of
from trainmon.tail.regular import open_regular, reason_of

_PIECE = 1 << 20
"""Bytes asked for at once (1 MiB), so that no size that a file claims is allocated in advance."""


class Document:
    """Reads the file at `path`, which need not exist yet, from beginning to end.

    What is given is consistent: a file that changes while it is read is left for the next look.
    A deleted file keeps what was read, and one that comes back is fresh. What cannot be read is
    told once and tried again at each read; nothing is raised. A compressed file is given
    decompressed.

    A read of a file that did not change costs one ``os.stat``. Nothing stays open between reads.
    Owned by one thread. `open_files`, `opener` and `pread` are as for a follower.
    """

    def __init__(
        self,
        path: Path,
        *,
        open_files: OpenFiles | None = None,
        opener: Callable[[Path], int] = open_regular,
        pread: Pread = os.pread,
    ) -> None:
        del open_files  # no descriptor outlives a read
        self.path = path
        self._opener = opener
        self._pread = pread
        self._settled: Look | None = None
        self._fresh = True
        self._trouble = ""

    def read(self, limit: int) -> Chunk | None:
        """Return the whole file if it changed, or None; one of over `limit` bytes is told of.

        Raises ValueError if `limit` is not positive.
        """
        if limit < 1:
            raise ValueError(f"a document needs at least one byte, not {limit}")
        try:
            look = look_of(self.path.stat())
            if look == self._settled:
                return None
            content = self._content(look, limit)
        except (FileNotFoundError, NotADirectoryError):
            return self._gone()
        except (OSError, ReadError) as error:
            return self._failed(reason_of(error))
        if content is None:
            return None
        self._settled = look
        if len(content) > limit:
            return self._failed(f"it has over {limit:,} bytes")
        chunk = Chunk(content, fresh=self._fresh)
        self._trouble, self._fresh = "", False
        return chunk

    def release(self) -> None:
        """Do nothing: a document is closed after each read."""

    def _content(self, look: Look, limit: int) -> bytes | None:
        """Return the file that looked like `look`, a byte over `limit` at most; None if it moves.

        Raises OSError and ReadError.
        """
        descriptor = self._opener(self.path)
        try:
            content = self._bytes(descriptor, limit + 1)
            if content.startswith(MAGIC):
                content = _unfolded(content, limit + 1)
            steady = look_of(os.fstat(descriptor)) == look == look_of(self.path.stat())
        finally:
            os.close(descriptor)
        return content if steady else None

    def _bytes(self, descriptor: int, limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while size < limit:
            piece = self._pread(descriptor, min(_PIECE, limit - size), size)
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _gone(self) -> Chunk | None:
        self._settled, self._trouble = None, ""
        if self._fresh:  # nothing was read of it
            return None
        self._fresh = True
        return Chunk(b"", notices=(DELETED,))

    def _failed(self, reason: str) -> Chunk | None:
        """Tell a trouble that was not told by the read before."""
        if reason == self._trouble:
            return None
        self._trouble = reason
        return Chunk(b"", notices=(f"the file cannot be read: {reason}",))


def _unfolded(content: bytes, limit: int) -> bytes:
    """Return what was compressed, at most `limit` bytes of it; it may end early or be damaged."""
    stream = Gunzip()
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(content), RAW_PIECE):
        stream.put(content[start : start + RAW_PIECE])
        while size < limit and (piece := stream.take(min(_PIECE, limit - size))):
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces)
