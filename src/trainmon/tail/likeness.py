"""Tell from their first bytes how two files of one folder go together."""

from trainmon.tail.part_file import PartFile

_COMPARED = 64 << 10
"""Bytes by which a file is found to be a copy of another (64 KiB): more than any header, and two
runs that write the same so far differ by then in a time or a number."""

_LOOKED_AT = 256
"""Bytes by which something else than text is known: binary formats have a zero among them."""


def is_binary(part: PartFile) -> bool | None:
    """Return whether a file that was just opened is no text; None if that does not show yet.

    Raises OSError as `PartFile.read` does.
    """
    piece = part.read(_LOOKED_AT)
    # The hole that a cut leaves before what is written behind it is none of the content.
    content = piece.data.lstrip(b"\0") if piece else b""
    return b"\0" in content if content else None


def is_copy(part: PartFile, log: PartFile) -> bool:
    """Return whether what was just opened as `part` is what `log` begins with.

    Plain files are compared at the end of the part too; a compressed one by its beginning.
    Raises OSError as `PartFile.read` does.
    """
    copy, original = part.read(_COMPARED), log.read(_COMPARED)
    if copy is None or original is None or not copy.data:
        return False
    smaller = copy.status.st_size <= original.status.st_size
    return smaller and original.data.startswith(copy.data) and part.ends_like(log)
