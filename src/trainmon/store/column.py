"""A growing array that other threads may read while it grows."""

from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_FIRST_CAPACITY = 32
"""Values a new column has room for: most series of most runs are short."""

_DOUBLING_LIMIT = 4_096
"""Values up to which a column doubles; beyond it grows by a quarter, to keep the slack small."""

_MAPPED_BYTES = 1 << 20
"""Size from which a buffer gets pages of its own (1 MiB): what it does not fill takes no memory,
and what it leaves when it grows goes back to the system at once instead of fragmenting the heap."""

_MAPPED_GROWTH = 16
"""Times a buffer with pages of its own grows: room costs nothing there, and while a view of the
old buffer is kept, both are there at once, so growing is to be rare."""


class Column:
    """A one-dimensional array that grows at its end. Owned by the monitor thread.

    `view` is safe to keep: growing replaces the buffer and leaves the old one as it was.

    >>> column = Column(float)
    >>> column.extend(np.array([1.0, 2.0]))
    >>> earlier = column.view()
    >>> column.extend(np.arange(100.0))
    >>> len(column), earlier.tolist()
    (102, [1.0, 2.0])
    """

    __slots__ = ("_buffer", "_length", "_view")

    def __init__(self, dtype: DTypeLike) -> None:
        self._buffer: NDArray[Any] = np.empty(_FIRST_CAPACITY, dtype)
        self._length = 0
        self._view: NDArray[Any] | None = None

    def __len__(self) -> int:
        return self._length

    def extend(self, values: NDArray[Any]) -> None:
        """Append an array."""
        needed = self._length + len(values)
        if needed > len(self._buffer):
            self._move(self._buffer[: self._length], needed)
        self._buffer[self._length : needed] = values
        self._length, self._view = needed, None

    def newest(self) -> Any:  # noqa: ANN401 - a number as the column's type has it
        """Return the last value as a plain number.

        >>> column = Column(float)
        >>> column.extend(np.array([1.0, 2.0]))
        >>> column.newest()
        2.0
        """
        return self._buffer.item(self._length - 1)

    def view(self) -> NDArray[Any]:
        """Return all values so far, read-only and without copying: the same array until it grows.

        The rows of many metrics are one column.
        """
        view = self._view
        if view is None:
            view = self._view = self._buffer[: self._length]
            view.flags.writeable = False
        return view

    def replace(self, count: int, values: NDArray[Any]) -> None:
        """Put `values` in the place of the first `count` ones, in a buffer of its own.

        >>> column = Column(float)
        >>> column.extend(np.arange(5.0))
        >>> column.replace(3, np.array([9.0]))
        >>> column.view().tolist()
        [9.0, 3.0, 4.0]
        """
        rest = self._buffer[count : self._length]
        length = len(values) + len(rest)
        self._move(values, length)
        self._buffer[len(values) : length] = rest
        self._length, self._view = length, None

    def copy(self) -> "Column":
        """Return a column of the same values that grows by itself."""
        copy = Column(self._buffer.dtype)
        copy.extend(self.view())
        return copy

    def _move(self, values: NDArray[Any], needed: int) -> None:
        """Begin a buffer with `values` that has room for `needed`."""
        capacity = _FIRST_CAPACITY
        size = self._buffer.dtype.itemsize
        while capacity < needed:
            if capacity * size >= _MAPPED_BYTES:
                capacity *= _MAPPED_GROWTH
            else:
                capacity += capacity if capacity < _DOUBLING_LIMIT else capacity // 4
        buffer = _empty(capacity, self._buffer.dtype)
        buffer[: len(values)] = values
        self._buffer = buffer


def _empty(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    size = count * dtype.itemsize
    if size < _MAPPED_BYTES:
        return np.empty(count, dtype)
    return np.frombuffer(mmap(-1, size), dtype)
