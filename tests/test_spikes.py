"""Periods of spikes: when one is claimed, and what it is matched to."""

import numpy as np
import pytest

from trainmon.context import Context
from trainmon.spikes.pattern import matches, period_of
from trainmon.store.batch import HEADER, LogEvent


def _context(**config: float) -> Context:
    return Context().after(0, [LogEvent(0, HEADER, {"trainmon": 1, "config": config})])


@pytest.mark.parametrize(
    ("gaps", "period"),
    [
        ([12, 12, 12, 12], 12),
        ([23, 24, 23, 24, 23], 23.4),
        ([12, 24, 12, 12, 36, 12], 12),
        ([12, 12, 12], None),
        ([3, 20, 11, 7, 15, 9], None),
    ],
)
def test_a_period_needs_most_gaps_near_its_multiples(gaps: list[int], period: float | None) -> None:
    assert period_of(np.array(gaps)) == period


def test_random_spikes_have_no_period() -> None:
    rng = np.random.default_rng(0)
    claimed = [period_of(rng.geometric(1 / 12, 20)) is not None for _ in range(300)]
    assert np.mean(claimed) < 0.02


@pytest.mark.parametrize(
    ("period", "config", "words"),
    [
        (12.0, {"num_workers": 12}, "the 12 workers"),
        (23.5, {"num_workers": 12}, "2 x the 12 workers"),
        (4.0, {"prefetch_factor": 4}, "the 4 prefetched batches"),
        (17.0, {"num_workers": 12}, ""),
        (17.0, {"num_workers": 1}, ""),
        (17.0, {}, ""),
    ],
)
def test_a_period_is_matched_to_what_is_configured(
    period: float, config: dict[str, float], words: str
) -> None:
    assert matches(period, _context(**config)) == words


@pytest.mark.parametrize(
    ("period", "words"),
    [(50.0, "the 50 steps between checkpoints"), (100.0, "2 x the 50 steps between checkpoints")],
)
def test_a_period_is_matched_to_what_happens_now_and_then(period: float, words: str) -> None:
    told = {"50 steps between checkpoints": 50.0}
    assert matches(period, _context(num_workers=7), told) == words


def test_a_high_multiple_of_anything_is_no_match() -> None:
    assert not matches(60.0, _context(num_workers=12))
