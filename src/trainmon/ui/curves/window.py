"""The part of a run that charts show: zoomed into, moved along, and back to the whole."""

from dataclasses import dataclass

_LEAST = 1e-4
"""Of the run: a million steps shrink to a hundred, and no axis needs more digits than it has."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a run from 0, its beginning, to 1, its newest record.

    Where it ends at 1 it follows the run, as parts count of what there is by then.
    """

    first: float = 0.0
    last: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return self.first <= 0 and self.last >= 1

    def zoomed(self, factor: float, at: float | None = None) -> "Window":
        """Return a window `factor` times as wide, with the place `at`, or its end, where it was.

        >>> Window().zoomed(0.5), Window(0.4, 0.6).zoomed(0.5, at=0.5)
        (Window(first=0.5, last=1.0), Window(first=0.45, last=0.55))
        """
        wide = self.last - self.first
        at = self.last if at is None else min(max(at, self.first), self.last)
        span = min(1.0, max(_LEAST, wide * factor))
        return _within(at - (at - self.first) / wide * span, span)

    def panned(self, by: float) -> "Window":
        """Return the window moved by a part of its width, and not beyond the run.

        >>> Window(0.5, 1.0).panned(-0.5), Window(0.5, 1.0).panned(0.5)
        (Window(first=0.25, last=0.75), Window(first=0.5, last=1.0))
        """
        span = self.last - self.first
        return _within(self.first + by * span, span)

    def holding(self, at: float) -> "Window":
        """Return the window moved as little as it takes to hold a place.

        >>> Window(0.5, 1.0).holding(0.25)
        Window(first=0.25, last=0.75)
        """
        span = self.last - self.first
        if at < self.first:
            return _within(at, span)
        return _within(at - span, span) if at > self.last else self

    def of(self, low: float, high: float) -> tuple[float, float]:
        """Return where it begins and ends on an axis over which the run goes from low to high.

        >>> Window(0.5, 1.0).of(0.0, 400.0)
        (200.0, 400.0)
        """
        return low + self.first * (high - low), low + self.last * (high - low)


WHOLE = Window()


def _within(first: float, span: float) -> Window:
    first = min(max(first, 0.0), 1.0 - span)
    return Window(first, min(1.0, first + span))
