"""The test of frequent flags: sure of what is nearly always so, and seldom wrong by chance."""

import numpy as np
import pytest

from trainmon.courses.e_cusum import is_frequent


def test_it_takes_some_flags_to_be_sure() -> None:
    every = np.ones(40, np.bool_)
    assert not is_frequent(every[:15], 0.5, 0.9, 1e4)
    assert is_frequent(every, 0.5, 0.9, 1e4)


def test_what_was_long_ago_does_not_speak_against_what_is_so_now() -> None:
    flags = np.concatenate((np.zeros(400, np.bool_), np.ones(40, np.bool_)))
    assert is_frequent(flags, 0.5, 0.9, 1e4)
    assert not is_frequent(flags[::-1], 0.5, 0.9, 1e4)


@pytest.mark.parametrize("seed", range(20))
def test_flags_that_are_set_half_of_the_time_hardly_ever_alarm(seed: int) -> None:
    flags = np.random.default_rng(seed).random(200) < 0.5
    assert not is_frequent(flags, 0.5, 0.9, 1e4)
