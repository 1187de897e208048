"""What one read of a file gives, and the words for what happened to the file meanwhile."""

from dataclasses import dataclass

DELETED = "the file was deleted; what was read of it stays"
REPLACED = "the file was replaced; it is read from its beginning"
REWRITTEN = "the file was truncated or rewritten; it is read from its beginning"
GAP = "a part of the log was deleted before it was read to its end"
CUT_SHORT = "its compressed data ends in the middle"
DAMAGED = "its compressed data is damaged; what is behind the damage is left out"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one read of a file gave."""

    data: bytes
    """What was appended, cut anywhere; of a document all of it."""
    fresh: bool = False
    """These are the first bytes of the file or of another one that took its name: forget what
    came before."""
    border: bool = False
    """These are the first bytes of another part of the same log: what was left open is over."""
    notices: tuple[str, ...] = ()
    """What happened to the file, in words; its name is not repeated."""
    more: bool = False
    """More was waiting when the read ended, also if it gave no bytes: read again."""
