"""Follow one growing log by its name: its bytes come out, whatever happens to its files."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from errno import ESTALE
from pathlib import Path

from trainmon.errors import ReadError
from trainmon.tail.chain import Chain, Member, RenamingError
from trainmon.tail.chunk import CUT_SHORT, DAMAGED, DELETED, GAP, REPLACED, REWRITTEN, Chunk
from trainmon.tail.family import Families
from trainmon.tail.open_files import OpenFiles
from trainmon.tail.part_file import PartFile, Piece
from trainmon.tail.place import Identity, Look, Place, Pread, identity_of, look_of
from trainmon.tail.regular import open_regular, reason_of
from trainmon.text import clean

PARTS_KEPT = 64
"""Parts that were read and are remembered: more than most rotations keep."""

_ATTEMPTS = 5
"""Times that the parts are looked at in one read while files are renamed under our hands."""


class Follower:
    """Reads what is appended to the log at `path`, which need not exist yet.

    The *name* is followed. A log that is rotated is read as one: its older parts first, compressed
    or not, and at a border on in the next. When a file takes the name and the old one is no part
    of the log, the rest of the old one is given first and then all from its beginning; a file that
    shrank, or no longer holds the bytes that were read, starts over as well. A deleted file keeps
    what was read. What cannot be read (a FIFO, a folder, no permission) is told once and tried
    again at each read; nothing is raised.

    A read of a file that did not change costs one ``os.stat``. Followers that share `open_files`
    keep at most that many descriptors open, and with shared `families` they list a folder once.
    `opener` and `pread` stand between it and the file system. Owned by one thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        open_files: OpenFiles | None = None,
        families: Families | None = None,
        opener: Callable[[Path], int] = open_regular,
        pread: Pread = os.pread,
    ) -> None:
        self.path = path
        self._open_files = OpenFiles() if open_files is None else open_files
        self._chain = Chain(path, Families() if families is None else families, opener, pread)
        self._part: PartFile | None = None
        self._name = ""  # of the part
        self._done: deque[Place] = deque(maxlen=PARTS_KEPT)  # the newest first
        self._fresh, self._border = True, False
        # How the file of the log's name looked when there was nothing more to read.
        self._settled: Look | None = None
        self._trouble = ""
        self._packing_told: tuple[Identity, str] | None = None
        self._notices: list[str] = []

    def read(self, limit: int) -> Chunk | None:
        """Return what is new, reading at most `limit` bytes, or None if nothing is.

        Raises ValueError if `limit` is not positive.
        """
        if limit < 1:
            raise ValueError(f"a read needs at least one byte, not {limit}")
        for last in (False,) * _ATTEMPTS + (True,):
            try:
                return self._read(limit)
            except RenamingError:
                continue
            except (OSError, ReadError) as error:
                self.release()
                # A handle that a server no longer knows: the name may lead to the file again.
                if last or not isinstance(error, OSError) or error.errno != ESTALE:
                    return self._failed(error)
        return self._chunk(more=True)

    def release(self) -> None:
        """Close the descriptor but keep the place: the next read goes on from there."""
        if self._part is not None and self._part.descriptor is not None:
            os.close(self._part.descriptor)
            self._part.descriptor = None
            self._open_files.closed(self)

    def _read(self, limit: int) -> Chunk | None:
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return self._leave(limit, (), DELETED) if self._part else self._chunk()
        part, look = self._part, look_of(status)
        if part is None:
            return None if look == self._settled else self._begin(limit, look)
        if part.identity != identity_of(status):
            return self._leave(limit, look, REPLACED)
        if look == self._settled:
            return None
        if part.descriptor is None:
            again = self._chain.open(Member(self.path, part.identity, status.st_size, base=True))
            if again is None:  # gone since it was looked at: the next read tells
                return self._chunk()
            part.descriptor = again.descriptor
        self._open_files.used(self)
        piece = part.read(limit)
        return self._leave(limit, look, REWRITTEN) if piece is None else self._given(piece)

    def _begin(self, limit: int, look: Look) -> Chunk | None:
        """Read the first bytes of the oldest part; an empty log is not begun."""
        members = self._chain.members(anew=False)
        if not members or not members[-1].base:  # deleted since it was looked at
            return self._chunk()
        following = self._chain.after(members, -1)
        if following is not None:
            return self._turn_to(following, members, -1, limit)
        part = self._chain.open(members[-1])  # raises for what cannot be read
        if part is not None and part.descriptor is not None:
            os.close(part.descriptor)
        self._settled = look
        return self._chunk()

    def _leave(self, limit: int, look: Look, event: str) -> Chunk | None:
        """Read the rest of a part that the name does not stand for any more, or what follows it.

        `look` is how the file looked that the name stands for now, nothing if there is none. It
        was looked at before the rest is read here: a writer that has turned to it is done with
        what came before.
        """
        part = self._part
        assert part is not None
        piece = part.read(limit) if part.descriptor is not None else None
        if piece and (piece.data or piece.more):
            return self._given(piece, last=False)
        if look == self._settled:  # nothing follows so far
            return self._chunk()
        members = self._chain.members()
        located = self._chain.locate(part, members)
        if located is None:
            return self._lost(limit, members, look, event)
        index, part = located
        self._hold(part)
        piece = part.read(limit)
        if piece is None:
            raise RenamingError
        if piece.data or piece.more:
            return self._given(piece, last=False)
        following = self._chain.after(members, index)
        if following is not None:
            return self._turn_to(following, members, index, limit)
        self._settled = look
        return self._chunk()

    def _lost(self, limit: int, members: Sequence[Member], look: Look, event: str) -> Chunk | None:
        """Go on behind a part that is nowhere to be found, or start over if nothing tells where."""
        index = self._chain.newest_of(self._done, members)
        following = self._chain.after(members, index)
        if following is not None and not following.base:
            chunk = self._turn_to(following, members, index, limit)
            return chunk and replace(chunk, notices=(GAP, *chunk.notices))
        self._start_over(event)
        return self._begin(limit, look)

    def _turn_to(
        self, member: Member, members: Sequence[Member], index: int, limit: int
    ) -> Chunk | None:
        """Read the first bytes of the member that follows the one at `index`.

        Raises RenamingError if the members are not what they were.
        """
        part = self._chain.open(member)
        if part is None:
            raise RenamingError
        left, descriptor = self._part, part.descriptor
        piece = None
        try:
            piece = part.read(limit)
            if member.base and not self._chain.stands(members, index, anew=left is not None):
                piece = None
        finally:
            if piece is None and descriptor is not None:
                os.close(descriptor)
        if piece is None:
            raise RenamingError
        if left is not None:
            self._tell_packing()
            self._done.appendleft(left.told)
            self._border = True
        self._hold(part)
        self._name = member.path.name
        return self._given(piece, last=member.base)

    def _hold(self, part: PartFile) -> None:
        """Read this open file from now on."""
        if part is not self._part:
            self.release()
            self._part = part
        self._open_files.used(self)

    def _given(self, piece: Piece, *, last: bool = True) -> Chunk | None:
        """Return the chunk of what was read; of the `last` part no more may follow."""
        self._trouble = ""
        more = piece.more or not last
        self._settled = None if more else look_of(piece.status)
        if not more:
            self._tell_packing()
        return self._chunk(piece.data, more=more)

    def _start_over(self, event: str) -> None:
        """Forget the log; `event` is told if anything was read of it."""
        assert self._part is not None
        if self._part.told.offset or self._done:
            self._notices.append(event)
        self.release()
        self._part, self._settled = None, None
        self._fresh, self._border = True, False
        self._done.clear()
        self._chain.forget()

    def _failed(self, error: OSError | ReadError) -> Chunk | None:
        """Tell a trouble that was not told by the read before; the place is kept."""
        reason = reason_of(error)
        if reason != self._trouble:
            self._notices.append(f"the file cannot be read: {reason}")
        self._trouble = reason
        self._settled = None
        return self._chunk()

    def _tell_packing(self) -> None:
        """Tell, once for a file, that its compressed data is damaged or ends too early."""
        assert self._part is not None
        what = DAMAGED if self._part.damaged else CUT_SHORT if self._part.cut_short else ""
        about = "" if self._name == self.path.name else f"'{clean(self._name)}': "
        if what and (self._part.identity, what) != self._packing_told:
            self._packing_told = (self._part.identity, what)
            self._notices.append(about + what)

    def _chunk(self, data: bytes = b"", *, more: bool = False) -> Chunk | None:
        """Return the chunk of `data` and of all that is to be told, None if it is empty."""
        notices = (*self._notices, *self._chain.take_notices())
        self._notices.clear()
        if not (data or notices or more):
            return None
        first = bool(data)
        chunk = Chunk(
            data,
            fresh=first and self._fresh,
            border=first and self._border and not self._fresh,
            notices=notices,
            more=more,
        )
        if first:
            self._fresh = self._border = False
        return chunk
