"""Bound how many log files are open at once, however many are followed."""

from typing import Protocol

OPEN_LIMIT = 64
"""Files open at once: a quarter of the smallest usual limit of a process (256, macOS). Those that
grow are a handful; the rest reopen when they do, which takes 7 us."""


class Releasable(Protocol):
    """Something that holds a descriptor and can do without it for a while."""

    def release(self) -> None:
        """Close the descriptor, if it is open."""


class OpenFiles:
    """The followers that hold a descriptor; beyond the limit the one not used longest lets go.

    Owned by one thread, as its followers are.
    """

    def __init__(self, limit: int = OPEN_LIMIT) -> None:
        self._limit = limit
        self._by_use: dict[Releasable, None] = {}  # the one not used longest comes first

    def __len__(self) -> int:
        return len(self._by_use)

    def used(self, holder: Releasable) -> None:
        """Note that `holder` has opened its file or read from it."""
        self._by_use.pop(holder, None)
        self._by_use[holder] = None
        if len(self._by_use) > self._limit:
            next(iter(self._by_use)).release()

    def closed(self, holder: Releasable) -> None:
        """Note that `holder` has closed its file."""
        self._by_use.pop(holder, None)

    def close(self) -> None:
        """Close all; each opens again when it is next read."""
        for holder in tuple(self._by_use):
            holder.release()
