"""Which windows of a gradient norm lie far above its clip, near it, or pile up at one value."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.courses.lasting import Flags
from trainmon.digest import Digest


class Ends(NamedTuple):
    """What the windows are that end in some cells."""

    over: Flags
    """Far above the clip in most of their cells, the last one included."""
    calm: Flags
    """Within reach of the clip in half of their cells, or not piled up where there is no clip."""
    piled: Flags
    """All of about one value, as norms are that were logged after clipping."""

    @property
    def stand_out(self) -> Flags:
        """Of which something may be told."""
        return self.over | self.piled


@dataclass(frozen=True, slots=True)
class Clipping:
    """What counts as far above a clip, and as piled up."""

    ratio: float
    """Times the clip: far above it."""
    over: float
    """Times the clip: below it is within reach."""
    same: float
    """Of a norm: as alike are those that were clipped."""

    def are_calm(self, digest: Digest, begin: int, clip: float | None) -> bool:
        """Return whether no cell from one on exceeds the clip by far or piles up at a value."""
        median, high = digest.median[begin:], digest.high[begin:]
        far = clip is not None and bool((median >= self.ratio * clip).any())
        return not far and not (high <= (1 + self.same) * median).any()

    def windows(
        self, digest: Digest, begin: int, width: int, clip: float | None, learning_row: int | None
    ) -> Ends:
        """Return what the windows of `width` cells are that end in the cells from `begin` on.

        Before the warm-up is over, none is above the clip or piled up.
        """
        first = max(0, begin - width + 1)
        median, high = digest.median[first:], digest.high[first:]
        none = np.zeros(len(digest) - begin, np.bool_)
        whole = np.arange(begin, len(digest)) >= width - 1
        alike = (high <= (1 + self.same) * median) & (median > 0)
        if clip is not None:
            alike &= np.abs(median / clip - 1) <= self.same
        piled = whole & (_count(alike, width, len(none)) == width)
        if clip is None:
            return Ends(none, ~piled, piled & _is_warm(digest, begin, width, learning_row))
        far = _count(median >= self.ratio * clip, width, len(none))
        near = _count(median >= self.over * clip, width, len(none))
        # A window is over where its last cell is, so that calm cells need no look at all.
        over = whole & (2 * far > width) & (digest.median[begin:] >= self.ratio * clip)
        calm = whole & (2 * near <= width) & ~piled
        if not (over.any() or piled.any()):
            return Ends(none, calm, none)
        warm = _is_warm(digest, begin, width, learning_row)
        return Ends(over & warm, calm, piled & warm)

    def highest_of_piled(self, digest: Digest, first: int, cell: int) -> float | None:
        """Return the highest norm of some cells if all of them are about the same; else None."""
        lowest, highest = digest.median[first : cell + 1].min(), digest.high[first : cell + 1].max()
        return None if highest > (1 + self.same) * lowest else float(highest)


def _is_warm(digest: Digest, begin: int, width: int, learning_row: int | None) -> Flags:
    """Return which windows lie behind the warm-up."""
    if learning_row is None:
        return np.zeros(len(digest) - begin, np.bool_)
    firsts = np.maximum(np.arange(begin, len(digest)) - width + 1, 0)
    return digest.first_rows[firsts] >= learning_row


def _count(flags: Flags, width: int, new: int) -> NDArray[np.intp]:
    """Return how many of the last `width` flags are set, at each of the last `new` ones.

    >>> _count(np.array([True, False, True, True]), 2, 3).tolist()
    [1, 1, 2]
    """
    total = np.concatenate(([0], np.cumsum(flags)))
    ends = np.arange(len(flags) - new, len(flags)) + 1
    return total[ends] - total[np.maximum(ends - width, 0)]
