"""When a trouble is told anew that lasts: as its stretch of records grows."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

_LONGEST = 1 << 31
"""Records of the longest stretch that is told of: more than any log has."""


def told_at(before: int, length: int) -> Sequence[int]:
    """Return the lengths above `before` and up to `length` at which a stretch is told.

    Each at first, and later each twentieth more.

    >>> told_at(1, 5), told_at(98, 110)
    ((2, 3, 4, 5), (101, 106))
    """
    return _TOLD_AT[bisect_right(_TOLD_AT, before) : bisect_right(_TOLD_AT, length)]


def _growing() -> Iterator[int]:
    length = 2
    while length < _LONGEST:
        yield length
        length = max(length + 1, length * 21 // 20)


_TOLD_AT = tuple(_growing())
