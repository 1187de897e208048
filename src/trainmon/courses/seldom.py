"""When to look again at what does not change in the course of a run: at growing gaps."""

from collections.abc import Iterator


def at_growing_gaps(after: int, upto: int, unit: int = 1) -> Iterator[int]:
    """Yield the counts above `after` and up to `upto` at which is looked, in order.

    They are 1, 2, 3, 4, 6, 8, 12 ... units: the same ones however a log was cut into reads.

    >>> list(at_growing_gaps(0, 25)), list(at_growing_gaps(20, 80, unit=10))
    ([1, 2, 3, 4, 6, 8, 12, 16, 24], [30, 40, 60, 80])
    """
    if after // unit == upto // unit:
        return
    for power in range((upto // unit).bit_length()):
        halves = (2 << power, 3 << power)
        for count in (unit * half // 2 for half in halves if half % 2 == 0):
            if after < count <= upto:
                yield count
