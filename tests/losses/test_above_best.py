"""Levels that stand far above the best one before: by factors, by differences, beyond noise."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from trainmon.context import Context
from trainmon.courses.cells import levels as levels_of
from trainmon.digest import CELL
from trainmon.digest_buffers import digest_of
from trainmon.losses.above_best import FarAbove, NewCells, Reached
from trainmon.losses.leaving import LEVEL
from trainmon.observed import Observed
from trainmon.rules import load
from trainmon.store.batch import Floats
from trainmon.threshold import thresholds

FAR_ABOVE = thresholds(FarAbove, load("loss-divergence"))
CONTEXT = Context(observed=Observed(learning_row=0))


def _new(levels: Floats, spread: float = 0.02, *, signed: bool = False) -> NewCells:
    noise = np.random.default_rng(0).lognormal(0, spread, (len(levels), CELL))
    values = (levels[:, None] * noise).ravel()
    digest = digest_of(np.arange(len(values), dtype=np.int32), values)
    found = levels_of(digest.median, 0, LEVEL)
    return NewCells(digest, 0, found, np.full(len(levels), signed), {})


def _high(new: NewCells, reached: Reached | None = None, context: Context = CONTEXT) -> list[int]:
    first = float(new.digest.median[0])
    reached = reached or Reached(nan, first, np.inf, 0)
    with np.errstate(invalid="ignore"):  # as all rules are judged
        found = FAR_ABOVE.stand_high(reached, new, 0, context)
    return np.flatnonzero(found).tolist()


def _falling(length: int = 40) -> Floats:
    return 0.5 + 2 * np.exp(-np.arange(length) / 8)


def test_a_level_that_doubles_stands_high() -> None:
    levels = _falling()
    levels[30:] *= 2
    assert _high(_new(levels))[-6:] == list(range(34, 40))


def test_a_tenth_more_does_not() -> None:
    levels = _falling()
    levels[30:] *= 1.1
    assert _high(_new(levels)) == []


def test_noise_excuses_what_it_makes_of_levels() -> None:
    levels = _falling()
    levels[30:] *= 1.5
    assert _high(_new(levels))
    assert _high(_new(levels, spread=0.5)) == []


def test_losses_below_0_are_judged_by_what_was_learned() -> None:
    levels = _falling() - 2.0
    levels[30:] += 1.0
    assert _high(_new(levels, signed=True))[-6:] == list(range(34, 40))


@pytest.mark.parametrize("learning_row", [None, 10_000])
def test_nothing_stands_high_before_the_warm_up_is_over(learning_row: int | None) -> None:
    levels = _falling()
    levels[30:] *= 2
    context = replace(CONTEXT, observed=Observed(learning_row=learning_row))
    assert _high(_new(levels), context=context) == []


def test_calm_levels_bring_the_best_down_and_a_high_one_is_no_calm() -> None:
    reached, rows = Reached(3.0, 2.0, 1.0, 5), np.array([7, 15, 23], np.int32)
    assert FAR_ABOVE.after_calm(reached, np.array([0.9, 0.8, 0.85]), rows) == reached._replace(
        best=0.8, best_row=15
    )
    assert FAR_ABOVE.after_calm(reached, np.array([1.1, 1.2, 1.1]), rows) == reached
    assert FAR_ABOVE.after_calm(reached, np.array([0.9, 1.5, 1.1]), rows) is None
