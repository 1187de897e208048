"""One followed file: its bytes through the source that its content chose."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from trainmon.companions import settings_beside
from trainmon.errors import FormatError
from trainmon.preview import preview
from trainmon.recognition import LOOKED_AT, Recognition
from trainmon.record import LINE_LIMIT
from trainmon.second_look import SecondLook
from trainmon.source import Framing, Home, Part, Source
from trainmon.store.batch import Batch
from trainmon.store.lane_view import LaneView
from trainmon.tail import Chunk, Document, Families, Follower, LineCutter, OpenFiles
from trainmon.utf16 import REMARK, Utf8

DOCUMENT_LIMIT = 256 << 20
"""Bytes of a document, which is read as a whole (256 MiB): a million records of a trainer state."""

_LONG_LINES = f"lines of over {LINE_LIMIT >> 20} MiB"

Copies = dict[tuple[type[Source], Path], Source]
"""The sources that copies of one log share, by format and home."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all followed files have in common."""

    open_files: OpenFiles = field(default_factory=OpenFiles)
    families: Families = field(default_factory=Families)
    copies: Copies = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read of a file gave."""

    parts: Sequence[Part] = ()
    fresh: bool = False
    """The file starts over: forget what came from it before."""
    notices: tuple[str, ...] = ()
    more: bool = False


class _Bytes(Protocol):
    """Gives what is new in a file: what was appended, or all of it."""

    def read(self, limit: int) -> Chunk | None: ...

    def release(self) -> None: ...


class LogFile:
    """A file, the follower of its bytes and the reader of its format. Owned by the monitor."""

    def __init__(self, path: Path, shared: Shared | None = None) -> None:
        self.path = path
        self.failure = ""
        """Why the file cannot be read any further, if so."""
        self.foreign = False
        """Whether that is because it is in no known format, as many files beside logs are."""
        self.skipped: Counter[str] = Counter()
        """How much could not be understood, by reason."""
        self.settings: Batch | None = None
        """What the files beside it tell of the configuration, as an event."""
        self.bytes_read = 0
        self._shared = Shared() if shared is None else shared
        self._source: Source | None = None
        self._home = Home(path)
        self._second_look = SecondLook(path)
        self._notices: tuple[str, ...] = ()
        self._begin()

    def restart(self) -> None:
        """Read the file from its beginning once more."""
        self._bytes.release()
        self._source = None
        self.skipped.clear()
        self._second_look = SecondLook(self.path)
        self._begin()

    def _begin(self) -> None:
        """Follow the file from its beginning."""
        self._bytes: _Bytes = Follower(
            self.path, open_files=self._shared.open_files, families=self._shared.families
        )
        self._cutter = LineCutter()
        self._beginning, self._text = Recognition(), Utf8()

    @property
    def format(self) -> str:
        """The id of the format, or nothing while it is not known."""
        return self._source.id if self._source else ""

    @property
    def home(self) -> Home:
        """The run that the records belong to."""
        return self._home

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the file was understood, where that is no matter of course."""
        encoding = (REMARK,) if self._text.converts else ()
        return (*encoding, *self._source.remarks()) if self._source else ()

    @property
    def settings_from(self) -> tuple[str, ...]:
        """The names of the files beside it that told its configuration."""
        return tuple(self.settings.events[0].fields["from"]) if self.settings else ()

    @property
    def unrecognised(self) -> bool:
        """Whether something was read and no format has been recognised so far."""
        return self._source is None and self._second_look.wanted and not self.failure

    def preview(self) -> LaneView | None:
        """Return what samples of a large log show of its last run; None if it is no large one."""
        source = None if self._text.converts else self._source
        return preview(self.path, type(source)) if source else None

    def read(self, limit: int, *, ended: bool = False) -> Reading | None:
        """Return what is new of at most `limit` bytes; `ended` takes the rest as it is.

        None if nothing is new. Nothing is raised: see `failure`.
        """
        if self.failure or not (ended or self._second_look.worthwhile()):
            return None
        try:
            reading = self._new(limit, ended=ended)
            if ended and (reading is None or not reading.more) and not self.failure:
                reading = self._ended(reading or Reading())
        except FormatError as error:
            self._fail(str(error))
            reading = Reading()
        return reading

    def _new(self, limit: int, *, ended: bool) -> Reading | None:
        """Return what is new; the first bytes by themselves, which may tell that it is no log."""
        limit = DOCUMENT_LIMIT if isinstance(self._bytes, Document) else limit
        begins = not self.bytes_read and limit > LOOKED_AT
        chunk = self._bytes.read(LOOKED_AT if begins else limit)
        reading = self._understood(chunk, ended=ended) if chunk else None
        if not begins or reading is None or not reading.more:
            return reading
        rest = self._new(limit - LOOKED_AT, ended=ended) or Reading()
        return Reading(
            rest.parts if rest.fresh else (*reading.parts, *rest.parts),
            reading.fresh or rest.fresh,
            (*reading.notices, *rest.notices),
            rest.more,
        )

    def _understood(self, chunk: Chunk, *, ended: bool) -> Reading:
        parts: list[Part] = []
        if chunk.fresh:
            self._source, self._beginning, self._text = None, Recognition(), Utf8()
            self._cutter.forget()
            self.skipped.clear()
        elif chunk.border:
            parts += self._closed()
        self.bytes_read += len(chunk.data)
        data = self._utf8(chunk)
        if self._source is None:
            whole = ended and not chunk.more
            chosen = self._beginning.look(data, whole=whole, more=chunk.more)
            if chosen is None:
                if not whole:
                    self._not_yet(chunk)
                more = chunk.more and not self.failure
                return Reading(parts, chunk.fresh, chunk.notices, more)
            data = self._adopt(chosen)
        parts += self._fed(data)
        notices, self._notices = (*chunk.notices, *self._notices), ()
        return Reading(parts, chunk.fresh, notices, chunk.more)

    def _adopt(self, chosen: type[Source]) -> bytes:
        """Take a format as the file's, and return what it is to be fed first."""
        source = chosen(self.path)
        self._home = chosen.home(self.path)  # asked once: other files beside it may change it
        if chosen.copies:
            source = self._shared.copies.setdefault((chosen, self._home.run), source)
        self._source, beginning, self._beginning = source, self._beginning, Recognition()
        self._second_look = SecondLook(self.path)
        if beginning.long_lines:
            self.skipped[_LONG_LINES] += beginning.long_lines
        self.settings = settings_beside(source)
        if chosen.framing is not Framing.DOCUMENT:
            return beginning.head
        self._bytes.release()
        self._bytes = Document(self.path)
        chunk = self._bytes.read(DOCUMENT_LIMIT)
        self._notices = chunk.notices if chunk else ()
        return self._utf8(chunk) if chunk else b""

    def _utf8(self, chunk: Chunk) -> bytes:
        if isinstance(self._bytes, Document):
            self._text = Utf8()
        return self._text.of(chunk.data)

    def _fed(self, data: bytes) -> Sequence[Part]:
        assert self._source is not None
        if self._source.framing is Framing.LINES:
            cut = self._cutter.cut(data)
            if cut.skipped:
                self.skipped[_LONG_LINES] += cut.skipped
            data = cut.lines
        return self._counted(self._source.read(data)) if data else ()

    def _counted(self, parts: Sequence[Part]) -> Sequence[Part]:
        for part in parts:
            self.skipped.update(part.skipped)
        return parts

    def _closed(self) -> list[Part]:
        """Return what was left open, given that it is over."""
        if self._source is None:
            return []
        last = self._cutter.finish()
        parts = list(self._source.read(last)) if last else []
        self._cutter.forget()
        return [*self._counted(parts), *self._counted(self._source.finish())]

    def _ended(self, reading: Reading) -> Reading:
        """Return a last reading with what only the end of the file tells."""
        if self._source is None:
            self._give_up(reading.notices)
            return reading
        return replace(reading, parts=(*reading.parts, *self._closed()))

    def _not_yet(self, chunk: Chunk) -> None:
        """Give up a file that is no log, or wait for more of it without keeping what there is."""
        if self._beginning.hopeless:
            self._give_up(chunk.notices)
        elif not chunk.more and self._beginning.head and self._second_look.was_in_vain():
            self._bytes.release()
            self._begin()

    def _give_up(self, notices: Sequence[str] = ()) -> None:
        """Fail because of what its reader told, else because its content is in no format."""
        self.foreign = bool(self._beginning.head) or not notices
        self._fail(self._beginning.failure if self.foreign else "; ".join(notices))

    def _fail(self, why: str) -> None:
        self.failure = why
        self._beginning = Recognition()
        self._bytes.release()
