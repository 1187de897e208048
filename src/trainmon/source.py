"""What a source is: a reader of one file format, lines in, columns out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from trainmon.store.batch import Batch

HEAD_BYTES = 65_536
"""Bytes of a file's beginning that a source may look at to recognise its format."""


@dataclass(frozen=True, slots=True)
class Part:
    """Records of one run, in order. A part that begins a run supersedes those before it."""

    batch: Batch
    begins_run: bool = False
    unreadable: int = 0
    """Lines before or among these records that could not be read."""


class Source(ABC):
    """A reader of one file, from its first line on. One format is one file in `sources`."""

    id: ClassVar[str]
    summary: ClassVar[str]
    """One line for the table of formats."""
    order: ClassVar[int]
    """Stricter formats are asked first: the lower, the earlier."""

    @staticmethod
    @abstractmethod
    def recognises(head: bytes) -> bool:
        """Return whether a file that begins with these whole lines is of this format."""

    @abstractmethod
    def read(self, lines: bytes) -> Sequence[Part]:
        """Return the records of further whole lines, or raise `FormatError`."""
