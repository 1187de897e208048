"""Jumps of a loss: beyond its spread, beyond its tail, and never among its first samples."""

import numpy as np
import pytest

from trainmon.courses.windows import Trail, baselines
from trainmon.losses.jumps import Jumps
from trainmon.store.batch import Floats

JUMPS = Jumps(deviations=6.0, relative=0.1, log_deviations=4.5, floor=0.01, fewest=32)


def _candidates(values: Floats) -> list[int]:
    base = baselines(Trail(), values)
    found: list[int] = JUMPS.candidates(values, base, JUMPS.sigma(base), 0).tolist()
    return found


def _noise(seed: int = 0, spread: float = 0.05) -> Floats:
    return 1 + spread * np.random.default_rng(seed).normal(0, 1, 300)


def test_a_loss_that_triples_jumps() -> None:
    values = _noise()
    values[200] = 3.0
    assert _candidates(values) == [200]


def test_the_first_samples_tell_no_spread_to_jump_out_of() -> None:
    values = _noise()
    values[20] = 3.0
    assert _candidates(values) == []


@pytest.mark.parametrize("seed", range(5))
def test_heavy_tails_are_no_jumps(seed: int) -> None:
    assert _candidates(np.random.default_rng(seed).lognormal(0, 0.8, 300)) == []


def test_one_by_one_the_same_samples_are_ordinary() -> None:
    values = _noise()
    values[200] = 3.0
    trail, ordinary = Trail(), list[bool]()
    for value in values.tolist():
        trail = trail.with_one(value)
        ordinary.append(JUMPS.is_ordinary(trail, value))
    assert [at for at in np.flatnonzero(~np.array(ordinary)).tolist() if at >= 32] == [200]


def test_a_jump_among_some_samples_stops_the_trail() -> None:
    trail = Trail(_noise(), seen=300)
    assert JUMPS.after(trail, [1.0, 1.02, 0.97]) is not None
    assert JUMPS.after(trail, [1.0, 3.0, 0.97]) is None
    assert JUMPS.after(trail, [1.0, float("nan")]) is None
