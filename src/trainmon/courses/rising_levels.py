"""Whether a level rises check after check, which noise alone does not make it do for long."""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

from trainmon.store.batch import Floats


class Checks(NamedTuple):
    """How a level stood at the last checks, each at a fixed number of cells from the one before."""

    cells: int = 0
    """Cells so far."""
    last: float = inf
    """The level at the last check."""
    rising: int = 0
    """Checks in a row at which it had risen."""
    foot: float = inf
    """The level at which that began."""

    def after(
        self, levels: Floats, every: int, needed: int, growth: float
    ) -> tuple["Checks", Mapping[int, int]]:
        """Return the checks with the levels of some more cells, and where it has risen enough.

        For each place at which it had risen in at least `needed` checks in a row, and to `growth`
        times what it was, that is the number of checks. Levels at or below 0 do not count.

        >>> import numpy as np
        >>> checks, grown = Checks().after(np.array([1.0, 2.0, 3.0, 5.0]), 1, 3, 1.1)
        >>> checks.rising, dict(grown)
        (3, {3: 3})
        """
        grown = dict[int, int]()
        last, rising, foot = self.last, self.rising, self.foot
        for place in range(-(self.cells + 1) % every, len(levels), every):
            level = levels.item(place)
            if level > last:
                foot, rising = foot if rising else last, rising + 1
            else:
                foot, rising = level, 0
            last = level
            if rising >= needed and level > growth * foot > 0:
                grown[place] = rising
        return Checks(self.cells + len(levels), last, rising, foot), grown
