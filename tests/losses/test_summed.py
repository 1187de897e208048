"""How many evaluations it takes until a ratio of two losses is the number of summed batches."""

from dataclasses import replace
from math import inf
from types import MappingProxyType

import numpy as np

from trainmon.chance import Chance
from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.losses.accumulation import Factor
from trainmon.losses.first import First
from trainmon.losses.pairs import Pairs
from trainmon.losses.summed import Summed, candidates, holds
from trainmon.rules import load
from trainmon.threshold import thresholds

SUMMED = thresholds(Summed, load("accumulation-misreport"))
THREE, TWO, THIRD = (Factor(times, "batches") for times in (3.0, 2.0, 1 / 3))


def _context(**settings: Setting) -> Context:
    return Context(settings=MappingProxyType(settings))


def _losses(ratio: float, *vals: float) -> Pairs:
    val = np.array(vals)
    train, rows = ratio * val, np.arange(len(val), dtype=np.int32)
    return Pairs(seen=len(val), rows=rows, val=val, before=train, after=train)


def _first(ratio: float) -> First:
    return First(ratio, Chance(1.0, "ln e", sure=True))


def _wanted(
    factor: Factor, first: First | None = None, losses: Pairs | None = None, **settings: Setting
) -> float:
    return SUMMED.wanted(factor, first, losses or Pairs(), 0, _context(**settings))


def test_both_a_factor_and_its_inverse_are_looked_for() -> None:
    assert [each.times for each in candidates(_context(accum=4))] == [4.0, 0.25]
    assert candidates(_context(accum=1)) == []


def test_a_factor_of_two_takes_longer_than_one_of_three() -> None:
    assert _wanted(THREE) < _wanted(TWO)


def test_first_losses_that_are_summed_leave_no_doubt() -> None:
    assert _wanted(TWO, _first(2.0)) == SUMMED.evaluations


def test_a_loss_that_is_too_low_is_told_by_its_first_values_alone() -> None:
    assert _wanted(THIRD) == inf
    assert _wanted(THIRD, _first(1 / 3)) == SUMMED.evaluations


def test_mixed_inputs_ask_for_a_ratio_that_holds_while_validation_falls() -> None:
    falling, standing = _losses(3.0, 1.0, 0.8, 0.6), _losses(3.0, 1.0, 1.0, 1.0)
    assert _wanted(THREE, None, falling, mixup=0.2) == SUMMED.many
    assert _wanted(THREE, None, standing, mixup=0.2) == inf
    assert _wanted(THREE, None, replace(standing, resumed=True)) == inf


def test_the_last_ratio_may_be_higher_as_it_has_one_side_alone() -> None:
    assert holds(THREE, np.array([3.0, 3.2, 6.0]))
    assert not holds(THREE, np.array([3.0, 6.0, 3.0]))
