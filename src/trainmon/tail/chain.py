"""The parts of one log as they lie on disk now, and where among them a place is."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from trainmon.errors import ReadError
from trainmon.tail.family import Families
from trainmon.tail.likeness import is_binary, is_copy
from trainmon.tail.part_file import PartFile
from trainmon.tail.place import Identity, Place, Pread, identity_of
from trainmon.tail.regular import reason_of
from trainmon.text import clean

_LOOKS = 5
"""Looks at a folder until two agree: a file that is renamed during one may escape it, and a part
that seems to be gone would end the log."""


class RenamingError(Exception):
    """The parts are renamed under our eyes: what was found of them is worth nothing, look again."""


class Member(NamedTuple):
    """A part of a log: an older one, or the file of the log's own name."""

    path: Path
    identity: Identity
    size: int
    base: bool


class Chain:
    """Looks at the older parts of the log at `path` and at the log itself, the newest.

    `opener` and `pread` read from the file system; what they raise for the log itself is raised.
    """

    def __init__(
        self, path: Path, families: Families, opener: Callable[[Path], int], pread: Pread
    ) -> None:
        self._path = path
        self._families = families
        self._opener = opener
        self._pread = pread
        self._told: set[str] = set()
        self._binary: bool | None = None  # what the log is, once that shows
        self._notices: list[str] = []

    def members(self, *, anew: bool = True) -> tuple[Member, ...]:
        """Return all parts, the oldest first; a log that is missing is none.

        Not `anew` trusts what is known of a folder in which the log has no older parts. Raises
        RenamingError, and OSError where the log itself cannot be looked at.
        """
        members = self._look(again=anew)
        if not anew and all(member.base for member in members):
            return members
        for _ in range(_LOOKS):
            before, members = members, self._look(again=True)
            if [member[:2] for member in before] == [member[:2] for member in members]:
                return members
        raise RenamingError

    def forget(self) -> None:
        """Start over: nothing is known of the content, and everything told anew."""
        self._told.clear()
        self._binary = None

    def take_notices(self) -> tuple[str, ...]:
        """Return what is to be told since the last call."""
        notices = tuple(self._notices)
        self._notices.clear()
        return notices

    def open(self, member: Member) -> PartFile | None:
        """Return the part opened, or None if its name stands for another file by now.

        Raises OSError and ReadError.
        """
        try:
            descriptor = self._opener(member.path)
        except FileNotFoundError:
            return None
        part = PartFile(descriptor, self._pread)
        if part.identity == member.identity:
            return part
        os.close(descriptor)
        return None

    def locate(self, part: PartFile, members: Sequence[Member]) -> tuple[int, PartFile] | None:
        """Return which member `part` is, and the open file to read on there; None if none is.

        By its inode, else by content: it may have been copied or compressed. The log itself is
        never recognised by content: what took its name begins anew. Raises RenamingError.
        """
        for index, member in enumerate(members):
            if member.identity == part.identity:
                if part.descriptor is None:
                    again = self.open(member)
                    if again is None:
                        raise RenamingError
                    part.descriptor = again.descriptor
                if part.holds():
                    return index, part
        if part.told.offset:
            for index, member in reversed(tuple(enumerate(members))):
                found = self._holding(member, part.told)
                if found is not None:
                    return index, found
        return None

    def newest_of(self, done: Iterable[Place], members: Sequence[Member]) -> int:
        """Return which member is the last of the parts that were `done`; -1 if none is there.

        Raises RenamingError.
        """
        for told in done:
            for index, member in enumerate(members):
                found = self._holding(member, told)
                if found is not None and found.descriptor is not None:
                    os.close(found.descriptor)
                    return index
        return -1

    def after(self, members: Sequence[Member], index: int) -> Member | None:
        """Return the member to read after the one at `index` (-1: the first); None if none is yet.

        An empty log does not follow yet: its writer may not have turned to it. A copy of the
        log that is being made, so that the log can be cut then, is none of its parts.
        """
        log = members[-1] if members and members[-1].base else None
        for member in members[index + 1 :]:
            if member is log:
                return log if log.size else None
            newest = log is not None and member is members[-2]
            if member.size and self._fits(member, log, newest=newest):
                return member
        return None

    def stands(self, members: Sequence[Member], index: int, *, anew: bool) -> bool:
        """Return whether the log itself still follows the member at `index`.

        Asked after its first bytes were read: had it been copied and cut in between, they would
        be those behind the cut, and what came before them would be in a part that was passed by.
        """
        again = self.members(anew=anew)
        if [member[:2] for member in members] != [member[:2] for member in again]:
            return False
        following = self.after(again, index)
        return following is not None and following.base

    def _fits(self, part: Member, log: Member | None, *, newest: bool) -> bool:
        """Return whether an older part can be read as one; if not, that is told.

        It is looked at each time: the file system gives the number of a deleted file to the next.
        """
        why = ""
        try:
            with self._glance(log) as opened:
                if opened and self._binary is None:
                    self._binary = is_binary(opened)
            with self._glance(part) as opened:
                binary = is_binary(opened) if opened else None
            if self._binary is None:
                self._binary = binary
            elif binary not in {None, self._binary}:
                why = "its content is of another kind"
            with self._glance(part) as copy, self._glance(log) as original:
                if newest and copy and original and is_copy(copy, original):
                    return False
        except (OSError, ReadError) as error:
            why = reason_of(error)
        notice = f"'{clean(part.path.name)}' is left out: {why}"
        if why and notice not in self._told:
            self._told.add(notice)
            self._notices.append(notice)
        return not why

    def _look(self, *, again: bool) -> tuple[Member, ...]:
        parts = self._families.parts_of(self._path, again=again)
        try:
            log = [_member(self._path, self._path.stat(), base=True)]
        except (FileNotFoundError, NotADirectoryError):
            log = []
        seen = {member.identity for member in log}
        older: list[Member] = []
        for path in parts:
            try:
                status = path.stat()
            except OSError:  # gone since it was listed
                continue
            if stat.S_ISREG(status.st_mode) and identity_of(status) not in seen:
                seen.add(identity_of(status))
                older.append(_member(path, status, base=False))
        return (*older, *log)

    def _holding(self, member: Member, told: Place) -> PartFile | None:
        """Return an older part opened behind `told`, if it holds what was read up to there."""
        if member.base:
            return None
        try:
            part = self.open(member)
        except (OSError, ReadError):
            return None
        if part is None:
            raise RenamingError
        assert part.descriptor is not None
        found = None
        with suppress(OSError):  # a stale handle
            found = PartFile.holding(told, part.descriptor, self._pread)
        if found is None:
            os.close(part.descriptor)
        return found

    @contextmanager
    def _glance(self, member: Member | None) -> Iterator[PartFile | None]:
        """Open a member for a moment; None if it is not there any more."""
        part = None if member is None else self.open(member)
        try:
            yield part
        finally:
            if part is not None and part.descriptor is not None:
                os.close(part.descriptor)


def _member(path: Path, status: os.stat_result, *, base: bool) -> Member:
    return Member(path, identity_of(status), status.st_size, base)
