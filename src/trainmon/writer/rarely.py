"""When to look at what costs a few milliseconds: often at first, then rarely."""

from itertools import chain, repeat

FIRST_CALLS = (1, 2, 3, 10, 30, 100, 300, 1_000)
"""Calls at which to look: most faults of data and outputs are there from the first batch on, and
three batches tell chance from rule."""

EVERY = 1_000
"""Calls between looks after that: 5 ms in a thousand steps of 50 ms is 0.01 % of them."""


class Rarely:
    """Counts calls and says at which of them to look; one thread owns it.

    A call that is not due costs about 100 ns.

    >>> rarely = Rarely()
    >>> [call for call in range(1, 3_001) if rarely.due()]
    [1, 2, 3, 10, 30, 100, 300, 1000, 2000, 3000]
    """

    __slots__ = ("_gaps", "_left")

    def __init__(self) -> None:
        before = (0, *FIRST_CALLS[:-1])
        gaps = (call - last for last, call in zip(before, FIRST_CALLS, strict=True))
        self._gaps = chain(gaps, repeat(EVERY))
        self._left = next(self._gaps)

    def due(self) -> bool:
        """Count a call; return whether it is one to look at."""
        self._left -= 1
        if self._left:
            return False
        self._left = next(self._gaps)
        return True
