"""Hashes of the samples in an array, by a few of the numbers in each row.

Reading whole batches would cost as much as copying them. Here, in two stages, a few thousand
numbers are read: two columns of all rows, by which each row is hashed; and of the rows whose hash
reaches a threshold, some 16 in a batch, 64 numbers or more. A sample that comes again, in whatever
row and batch, reaches the threshold again, so that none of its repetitions is missed.
"""

from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.loading.distinct import level_for, threshold
from trainmon.writer.loading.host_array import host_array
from trainmon.writer.loading.reader import Read, UnreadableError
from trainmon.writer.loading.traits import Traits
from trainmon.writer.loading.weighing import MOST_NUMBERS, ColumnWeighing, Integers, RowWeighing

_READ = 1_024
"""Numbers read of the chosen rows of a batch, about: 2 us."""

_FEWEST_ROWS, _MOST_ROWS = 8, 16
"""Rows chosen of a batch, about: a pass of 1,000 batches shows thousands of samples, while to hash
and count all rows would cost 100 ns each."""

_KINDS: Final = frozenset("biufcmM")
"""Arrays that are read: numbers and times, not texts, objects and records."""

_SIZES: Final = frozenset({1, 2, 4, 8})
"""Bytes of a number that is read."""


class Rows:
    """Hashes the rows of arrays that are like the first one, on which it is made.

    Costs 8 us for 256 rows of 64 float32.
    """

    __slots__ = (
        "_bound",
        "_choosing",
        "_folds",
        "_level",
        "_numbers_of_row",
        "_traits",
        "_view",
        "_weighing",
        "_width",
        "variety",
        "width",
    )

    def __init__(self, first: object) -> None:
        """Learn which numbers tell the rows apart.

        Raises `UnreadableError` if none do, or if they cannot be read where they are.
        """
        array = host_array(first)
        kind, size = array.dtype.kind, array.dtype.itemsize
        if kind not in _KINDS or size not in _SIZES:
            raise UnreadableError(f"it holds an array of {array.dtype}")
        self._view = np.dtype(f"i{size}")
        self._folds = kind == "f" and size == max(_SIZES)
        numbers = self._numbers(array)
        sequences = kind in "iu" and size > 1 and array.ndim == 2  # noqa: PLR2004 - rows, columns
        self._traits = traits = Traits.of(numbers, sequences=sequences)
        self.variety = traits.variety
        self.width = numbers.shape[1]
        wanted = min(max(_READ // traits.numbers, _FEWEST_ROWS), _MOST_ROWS)
        self._level = level_for(len(numbers), wanted) if traits.columns else 0
        self._bound = np.uint64(threshold(self._level))
        self._numbers_of_row = slice(0, traits.stride * MOST_NUMBERS, traits.stride)
        self._fit(self.width)

    def read(self, leaf: object) -> Read:
        """Return the hashes of the chosen rows of an array; raises as the constructor does."""
        numbers = self._numbers(host_array(leaf))
        if numbers.shape[1] != self._width:
            self._fit(numbers.shape[1])
        if self._traits.from_end:
            numbers = numbers[:, ::-1]
        if not self._level:
            every = self._weighing(numbers[:, self._numbers_of_row])
            return every.tolist(), f"{crc32(every.tobytes()):08x}"
        every = self._choosing(numbers)
        chosen = (every >= self._bound).nonzero()[0]
        hashes = self._weighing(numbers[chosen, self._numbers_of_row])
        return hashes.tolist(), f"{crc32(every.tobytes()):08x}"

    def _numbers(self, array: NDArray[Any]) -> Integers:
        """Return the array as rows of integers, sharing its memory."""
        if array.size == 0:
            raise UnreadableError("it is empty")
        numbers: Integers = array.view(self._view)
        if numbers.ndim == 1:
            return numbers[:, None]
        if numbers.ndim == 2:  # noqa: PLR2004 - rows, columns
            return numbers
        if not numbers.flags.c_contiguous:
            raise UnreadableError("its tensors do not lie row by row in memory")
        return numbers.reshape(len(numbers), -1)

    def _fit(self, width: int) -> None:
        """Get ready for rows of `width` numbers: what they are short of counts as padding."""
        traits = self._traits
        count = len(range(width)[self._numbers_of_row])
        self._width = width
        self._weighing = RowWeighing(count, padding=traits.padding, folds=self._folds)
        self._choosing = ColumnWeighing(traits.columns, width, padding=traits.padding)
