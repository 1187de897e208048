"""What a source is: a reader of one file format, bytes in, columns out."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from trainmon.decode import Decoded, decode
from trainmon.settings_file import settings_in
from trainmon.store.batch import Batch

HEAD_BYTES = 1 << 20
"""Bytes of a file's beginning that a source may look at to recognise its format (1 MiB): some
console logs begin with the whole training script."""

HEAD_LINES = 20_000
"""Lines of them that are looked at as text."""

_RANK = re.compile(r"rank([0-9]{1,6})\.jsonl")

_NOTHING: Mapping[str, int] = MappingProxyType({})


class Framing(StrEnum):
    """How a source wants the bytes of a file."""

    LINES = "lines"
    r"""Whole lines, each ending in ``\n``; what is appended comes as it is written."""
    BYTES = "bytes"
    """What is appended, cut anywhere: the source keeps half records itself, bounded."""
    DOCUMENT = "document"
    """The whole file, once more each time it changes."""


@dataclass(frozen=True)
class Head:
    """The beginning of a file, as all sources look at it."""

    data: bytes
    whole: bool = False
    """Whether this is all there is, and no more is waited for."""

    @cached_property
    def lines(self) -> bytes:
        """The whole lines of it; a last one without a newline counts where nothing more comes."""
        return self.data if self.whole else self.data[: self.data.rfind(b"\n") + 1]

    @cached_property
    def decoded(self) -> Decoded:
        """Its lines as JSON."""
        return decode(self.lines) if self.lines else Decoded()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its first lines as text; carriage returns end a line too, as progress bars use them."""
        text = self.lines.decode(errors="replace").removeprefix("\ufeff").replace("\r", "\n")
        return tuple(text.split("\n", HEAD_LINES)[:HEAD_LINES])


@dataclass(frozen=True, slots=True)
class Part:
    """Records of one run, in order. A part that begins a run supersedes those before it."""

    batch: Batch
    begins_run: bool = False
    fresh: bool = False
    """What was read of the document before no longer stands: this begins it anew."""
    skipped: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    """How much before or among these records could not be read, by reason: "lines that are no
    JSON object" -> 3."""
    ordered: bool = True
    """Whether a step that goes back means that steps were redone."""


@dataclass(frozen=True, slots=True)
class Home:
    """The run that the records of a file belong to."""

    run: Path
    """The file or folder that the run is known by."""
    rank: int = 0
    name: str = ""
    """What the run is called, if not as its file or folder."""
    gathered: bool = False
    """Whether several files tell of the same steps, so that their records are put in order."""


class Source(ABC):
    """A reader of one file, from its first byte on. One format is one file in `sources`.

    `path` is where the file is, for what only its place tells; None for a stream.
    """

    id: ClassVar[str]
    summary: ClassVar[str]
    """One line for the table of formats."""
    order: ClassVar[int]
    """Stricter formats are asked first: the lower, the earlier."""
    framing: ClassVar[Framing] = Framing.LINES
    binary: ClassVar[bool] = False
    """Whether its files are no text."""
    copies: ClassVar[bool] = False
    """Whether files of one home are copies of one log, of which the longest counts: they share
    one source."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    @staticmethod
    @abstractmethod
    def recognises(head: Head) -> bool:
        """Return whether a file that begins like this is of this format."""

    @abstractmethod
    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records of further data, framed as asked for, or raise `FormatError`."""

    def finish(self) -> Sequence[Part]:
        """Return what was held back for more to come, given that no more comes."""
        return ()

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the run that a file of this format belongs to: by itself one, unless told.

        A folder of ``rank<r>.jsonl`` is one run, also where other code wrote them.
        """
        rank = _RANK.fullmatch(path.name)
        return Home(path.parent, int(rank[1])) if rank else Home(path)

    @classmethod
    def whole_records(cls, block: bytes, most: int, *, torn: bool) -> bytes | None:
        """Return up to `most` whole records of a stretch of a file, the first of which may be torn.

        None if records cannot be found from the middle of a file on.
        """
        if cls.framing is not Framing.LINES:
            return None
        first = block.find(b"\n") + 1 if torn else 0
        lines = block[first : block.rfind(b"\n") + 1]
        *_, rest = lines.split(b"\n", most)
        return lines[: len(lines) - len(rest)]

    def companions(self) -> Sequence[Path]:
        """Return the files that may hold the configuration; those that do not exist are none."""
        return ()

    def settings(self, companion: Path, content: bytes) -> Mapping[str, Any]:
        """Return the configuration that a companion holds: JSON or plain YAML, unless told."""
        del companion
        return settings_in(content)

    def remarks(self) -> Sequence[str]:
        """Return how the file was understood, where that is not a matter of course."""
        return ()
