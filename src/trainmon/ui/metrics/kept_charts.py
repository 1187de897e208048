"""Many charts on a live screen: those that have new data are drawn anew a few at a time."""

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from trainmon.ui.charts.grid import Grid

SECONDS = 0.012
"""Time of one frame for charts which are there already: a sixteenth of a core at 5 Hz."""

_KEPT = 256
"""Charts that are kept: those of a few pages of the largest terminal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A chart that is to be seen."""

    what: Hashable
    """Which chart it is, how large, and how drawn: of nothing else may its old form be shown."""
    data: Hashable
    """What it is drawn from: while it is the same there is nothing to draw."""
    draw: Callable[[], Grid]


@dataclass(slots=True)
class _Kept:
    data: Hashable
    grid: Grid
    frame: int
    """When it was drawn, in frames."""


class KeptCharts:
    """Charts as they were drawn last. Owned by the panel that shows them.

    A chart that is new is drawn at once. Of those whose data went on, the oldest are drawn, at
    least one, until the time of a frame is over; the others follow in the next frames.
    """

    def __init__(self, timer: Callable[[], float] = time.perf_counter) -> None:
        self.late = False
        """Whether some of the charts asked for last wait for their new data to be drawn."""
        self._timer = timer
        self._charts: dict[Hashable, _Kept] = {}
        self._frame = 0
        self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Draw only charts that are new meanwhile: a key is not to wait for the others."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def grids(self, asked: Sequence[Asked]) -> list[Grid]:
        """Return the charts, each as it is now or as it was a moment ago."""
        self._frame += 1
        for each in asked:
            if each.what not in self._charts:
                self._draw(each)
        stale = [each for each in asked if self._charts[each.what].data != each.data]
        stale.sort(key=lambda each: self._charts[each.what].frame)
        begun, drawn = self._timer(), 0
        for each in stale if not self._held else ():
            if drawn and self._timer() - begun > SECONDS:
                break
            self._draw(each)
            drawn += 1
        self.late = drawn < len(stale)
        grids = [self._charts[each.what].grid for each in asked]
        self._forget(asked)
        return grids

    def _draw(self, asked: Asked) -> None:
        self._charts[asked.what] = _Kept(asked.data, asked.draw(), self._frame)

    def _forget(self, asked: Sequence[Asked]) -> None:
        """Forget the oldest charts that are not to be seen."""
        if len(self._charts) > _KEPT + len(asked):
            seen = {each.what for each in asked}
            others = [what for what in self._charts if what not in seen]
            others.sort(key=lambda what: self._charts[what].frame)
            for what in others[: len(others) - _KEPT // 2]:
                del self._charts[what]
