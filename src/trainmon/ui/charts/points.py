"""The points of a series that can be drawn, and the places of those that cannot."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainmon.ui.charts.scale import Values


@dataclass(frozen=True, slots=True)
class Points:
    """The drawable points of a series, sorted by x, and what had to be left out.

    `x` and `y` are finite and equally long. `gaps_before` counts what was left out before each
    point, or is None where nothing was. `broken_x` holds the x of the values that are NaN or
    infinite; `hidden` counts the values that a logarithmic axis cannot show.
    """

    x: Values
    y: Values
    gaps_before: NDArray[np.intp] | None
    broken_x: Values
    hidden: int

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike, *, log: bool = False) -> Self:
        """Sort out a series; a point without a finite x has no place and is dropped.

        Raises ValueError if `x` and `y` are not two rows of equal length.
        """
        xs = np.asarray(x, dtype=np.float64)
        ys = np.asarray(y, dtype=np.float64)
        if xs.ndim != 1 or xs.shape != ys.shape:
            raise ValueError(f"x and y of a series differ in shape: {xs.shape} and {ys.shape}")
        placed = np.isfinite(xs)
        if not placed.all():
            xs, ys = xs[placed], ys[placed]
        if (xs[1:] < xs[:-1]).any():
            order = np.argsort(xs, kind="stable")
            xs, ys = xs[order], ys[order]
        finite = np.isfinite(ys)
        drawn = finite & (ys > 0) if log else finite
        if drawn.all():
            return cls(xs, ys, None, np.empty(0), 0)
        return cls(
            x=xs[drawn],
            y=ys[drawn],
            gaps_before=np.cumsum(~drawn)[drawn],
            broken_x=xs[~finite],
            hidden=int(np.count_nonzero(finite & ~drawn)),
        )

    def neighbours(
        self, left: NDArray[np.intp], right: NDArray[np.intp]
    ) -> NDArray[np.bool_] | bool:
        """Return whether nothing was left out between the points at these pairs of places."""
        if self.gaps_before is None:
            return True
        adjacent: NDArray[np.bool_] = self.gaps_before[left] == self.gaps_before[right]
        return adjacent
