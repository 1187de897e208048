"""Readings of a device put into words, each with its part of a limit and its last values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Protocol

import numpy as np

from trainmon.store.batch import Floats
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, share

NO_VALUES: Floats = np.empty(0)

Readings = Mapping[str, float]


class Histories(Protocol):
    """The last values of readings."""

    def get(self, name: str) -> Floats | None:
        """Return those of one reading, the newest last, NaN where it was lacking."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reading: in words, as a part of its limit from 0 to 1, and its last values."""

    label: str
    words: str
    level: float = nan
    """NaN where there is no limit to it."""
    history: Floats = field(default_factory=lambda: NO_VALUES)
    ink: Ink = Ink.STRONG
    abreast: Floats = field(default_factory=lambda: NO_VALUES)
    """Shares of several equal parts, drawn side by side in place of all else."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts the readings of one device into words."""

    prefix: str
    now: Readings
    lately: Histories

    def share_of(self, label: str, key: str) -> Iterator[Line]:
        """Yield a reading that is a share; some logs tell it in percent."""
        value = self._value(key)
        if value is not None:
            level = value / 100 if value > 1.5 else value  # noqa: PLR2004 - a share is 1 at most
            yield Line(label, share(level), level, self.history(key))

    def part(
        self,
        label: str,
        key: str,
        limit: str,
        words: Callable[[float], str],
        *,
        high: float = 2.0,
        low: float = -1.0,
    ) -> Iterator[Line]:
        """Yield a reading that has a limit; it stands out from `high` on, and below `low`."""
        value, most = self._value(key), self._value(limit)
        if value is None:
            return
        if not most:
            yield Line(label, words(value), history=self.history(key))
            return
        level = value / most
        told, of = words(value), words(most)
        told = told.removesuffix(f" {of.split()[-1]}")
        ink = Ink.WARNING if level >= high or level < low else Ink.STRONG
        yield Line(label, f"{told} of {of}", level, self.history(key), ink)

    def plain(
        self, label: str, key: str, words: Callable[[float], str], *, high: float = np.inf
    ) -> Iterator[Line]:
        """Yield a reading without a limit."""
        value = self._value(key)
        if value is not None:
            ink = Ink.WARNING if value >= high else Ink.STRONG
            yield Line(label, words(value), history=self.history(key), ink=ink)

    def pair(self, label: str, first: str, second: str) -> Iterator[Line]:
        """Yield two rates in bytes per second as one reading, whose course is their sum."""
        one, other = self._value(first), self._value(second)
        if one is None or other is None:
            return
        words = f"{bytes_(one)} / {bytes_(other)}/s"
        before, after = (self.lately.get(f"{self.prefix}{key}") for key in (first, second))
        total = NO_VALUES if before is None or after is None else before + after
        yield Line(label, words, history=total[np.isfinite(total)])

    def history(self, key: str) -> Floats:
        """Return the last values that are there of a reading."""
        history = self.lately.get(f"{self.prefix}{key}")
        return NO_VALUES if history is None else history[np.isfinite(history)]

    def _value(self, key: str) -> float | None:
        value = self.now.get(f"{self.prefix}{key}", nan)
        return value if isfinite(value) else None
