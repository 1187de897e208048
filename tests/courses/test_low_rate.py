"""How much of a run was spent at almost no learning rate: since the peak, at any cut."""

import numpy as np
import pytest

from trainmon.courses.low_rate import LowRate, TooLow, spent
from trainmon.store.batch import Samples
from trainmon.store.timeline import Timeline

LIMITS = TooLow(below=0.01, share=0.6, fewest=8, steps=100.0)


def _told(rates: list[float], cut: int) -> list[int]:
    """Return the rows at which it is told, of rates that are read in pieces."""
    rows, values = np.arange(len(rates), dtype=np.int32), np.array(rates)
    steps = Timeline(np.arange(0.0, 10.0 * len(rates), 10.0), np.empty(0, np.int32), np.empty(0))
    state, told = LowRate(), list[int]()
    for start in range(0, len(rates), cut):
        part = slice(start, start + cut)
        state, found = spent(state, Samples(rows[part], values[part]), steps, LIMITS)
        told += [found[0]] if found else []
    return told


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_a_rate_that_has_sunk_to_nothing_for_most_of_the_run_is_told(cut: int) -> None:
    rates = [1e-5, *np.linspace(1e-4, 1e-3, 4), *np.geomspace(1e-3, 1e-6, 8), *([1e-6] * 40)]
    assert _told(rates, cut)[0] == _told(rates, 64)[0]


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_a_rate_that_jumped_up_and_is_back_where_it_was_has_not_ended(cut: int) -> None:
    assert not _told([*([2e-3] * 15), 0.6, *([2e-3] * 60)], cut)
    assert not _told([*([1e-3] * 15), *([1.0] * 10), *([9e-4] * 60)], cut)


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_one_that_sinks_further_after_a_jump_has_ended(cut: int) -> None:
    rates = [*([2e-3] * 15), 0.6, *([2e-3] * 10), *([1e-6] * 40)]
    assert _told(rates, cut)[0] == 26
