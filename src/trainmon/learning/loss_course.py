"""How a training loss has gone since the run began and since its gate, in levels.

What is long past is kept by whoever follows the loss: a block looks back over 1,024 samples.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.learning.levels import SURE, Level, deviation_of, level
from trainmon.rule import LOOKBACK, Block
from trainmon.store.batch import Floats, Samples

FIRST = 8
"""Samples of a beginning, at most; an eighth of all while there are few."""

FEWEST = 8
"""Samples behind the gate from which on anything is said of them."""

_TURN = 0.02
"""Of the level: a loss that has just left it by more is on its way."""

_MANY = 32
"""Samples of a beginning of which each step is told: a run that is thrown off shows in several."""

_THIRDS = 3
"""Parts of what lies behind the gate, whose levels are compared."""

_FALLEN = 0.01
"""Of the beginning: less is no fall that matters."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of a loss."""

    first: tuple[float, ...] = ()
    """Its first finite samples."""
    gate: Level | None = None
    """The level of the first third behind the gate, as it was when that could be seen."""
    peak: float = np.nan
    """The highest of its samples before the gate, but for one where they are many."""


@dataclass(frozen=True, slots=True)
class LossCourse:
    """The levels of a loss up to a row."""

    start: Level
    gate: Level
    now: Level
    last: Level
    """Of its last `FEWEST` samples alone."""
    middle: Level
    """Of the second third behind the gate."""
    count: int
    """Samples behind the gate that were looked at."""
    first: float = np.nan
    """Its very first sample."""
    peak: float = np.nan
    """The highest one before the gate."""
    high: float = np.nan
    """The highest one of the last third."""
    thrown_up: bool = False
    """Whether the first steps threw it far above its first sample, and above where it is now."""

    @property
    def improvement(self) -> float:
        """How far the loss has fallen since the gate."""
        return self.gate.value - self.now.value

    @property
    def error(self) -> float:
        """The standard error of that."""
        return float(np.hypot(self.gate.error, self.now.error))

    @property
    def fall(self) -> float:
        """How far the loss has fallen since the run began, as a share of that."""
        return (self.start.value - self.now.value) / (abs(self.start.value) or 1.0)

    @property
    def turns(self) -> bool:
        """Whether it falls just now.

        A last third of few samples has no end that could be told from it: then the third before it
        is what it falls from.
        """
        few = self.count < 2 * _THIRDS * FEWEST
        before, after = (self.middle, self.now) if few else (self.now, self.last)
        far = before.value - after.value > _TURN * abs(before.value)
        return far and after.below(before) > SURE

    @property
    def has_fallen(self) -> bool:
        """Whether it surely has."""
        return self.fall > _FALLEN and self.now.below(self.start) > SURE


def loss_course(
    block: Block, name: str | None, row: int, gate_row: int | None, past: Past
) -> tuple[LossCourse | None, Past]:
    """Return the course of a loss up to a row, and what is to be kept of it.

    There is none while fewer than `FEWEST` samples lie behind the gate.
    """
    seen = block.before(name, LOOKBACK, row + 1)
    recent, whole = _finite(seen), len(seen) < LOOKBACK
    values = recent.values
    if whole and len(past.first) < FIRST:
        past = replace(past, first=tuple(values[:FIRST].tolist()))
    before, behind = _parted(recent, row + 1 if gate_row is None else gate_row)
    if whole and len(before):
        past = replace(past, peak=_peak(before))
    if len(behind) < FEWEST or not past.first:
        return None, past
    third = max(len(behind) // _THIRDS, 1)
    spread = deviation_of(behind)
    gate = level(behind[:third], spread)
    if len(behind) == len(values) and not whole:
        gate = past.gate or gate
    past = replace(past, gate=gate)
    few = len(values) // FIRST if whole else FIRST
    start = _start(past.first[: max(1, min(FIRST, few))], spread)
    now, last = level(behind[-third:], spread), level(behind[-FEWEST:], spread)
    middle = level(behind[-2 * third : -third], spread)
    high, thrown = float(behind[-third:].max()), _thrown_up(past.first, now.value)
    course = LossCourse(
        *(start, gate, now, last, middle, len(behind), past.first[0], past.peak, high, thrown)
    )
    return course, past


def _peak(values: Floats) -> float:
    """Return the highest of some samples; of many the second one, as one batch may be odd."""
    odd = len(values) >= _MANY
    return float(np.partition(values, -2)[-2] if odd else values.max())


def _parted(samples: Samples, gate_row: int) -> tuple[Floats, Floats]:
    """Return the values before the gate, and those behind it."""
    (first,) = samples.positions(gate_row)
    return samples.values[:first], samples.values[first:]


def _thrown_up(first: tuple[float, ...], now: float) -> bool:
    """Return whether some of the first samples are far above the very first one, and above `now`.

    >>> _thrown_up((0.4, 25.3, 6.8, 2.5, 0.7), 0.25), _thrown_up((0.4, 25.3, 0.3, 0.4, 0.7), 0.25)
    (True, False)
    """
    begun = max(first[0], now)
    several = sum(value > _SEVERAL * begun for value in first) > 1
    return begun > 0 and (several or max(first) > _ONE * begun)


_SEVERAL, _ONE = 10.0, 1_000.0
"""Times the first sample, of two of the first ones and of one: single batches reach 20."""


def _start(first: tuple[float, ...], spread: float) -> Level:
    """Return the level of the beginning: no higher than its very first sample.

    A loss that leaps in its first steps and comes back has not fallen.
    """
    found = level(np.array(first), spread)
    return Level(min(found.value, first[0]), found.error)


def _finite(samples: Samples) -> Samples:
    fine = np.isfinite(samples.values)
    return samples if fine.all() else Samples(samples.rows[fine], samples.values[fine])
