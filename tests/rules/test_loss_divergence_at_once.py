"""The rule for a loss that is lost for good: runs that are thrown up by their first steps."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loss-divergence")
Curve = NDArray[np.float64]


def _records(
    losses: Curve, *, every: int = 1, name: str = "train/loss", val: dict[int, float] | None = None
) -> list[Record]:
    """Return a log of losses, with evaluations behind some records."""
    records = list[Record]()
    for at, value in enumerate(losses.tolist()):
        records.append({"step": 1 + every * at, name: value})
        if val and at in val:
            records.append({"step": 1 + every * at, "val/loss": val[at]})
    return records


def _events(records: list[Record], *, cut: int = 0) -> list[Event]:
    return [decision.event for decision in replay(RULE, records, cut=cut)]


def _thrown(first: float, to: float, floor: float, length: int = 300) -> Curve:
    """Return a loss that leaps with its first step, and comes down from there."""
    fall = floor + to * np.exp(-np.arange(length - 1) / 8)
    noise = np.random.default_rng(0).lognormal(0, 0.2, length)
    return np.concatenate(([first], fall)) * noise


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_a_run_that_its_first_steps_throw_up_is_lost_whatever_its_scale(scale: float) -> None:
    event, *_ = _events(_records(scale * _thrown(1.0, 1e4, 2.0)))
    assert (event.severity.word, event.onset) == ("error", 1)
    assert event.row < 16


def test_it_is_over_where_the_loss_comes_down_to_where_it_began() -> None:
    opened, cleared = _events(_records(_thrown(1.0, 1e4, 0.1)))
    assert cleared.kind == "cleared"
    assert opened.onset == cleared.onset


def test_it_is_told_the_same_however_the_log_arrives() -> None:
    records = _records(_thrown(1.0, 1e4, 2.0), val={20: 300.0, 40: 40.0})
    assert _events(records) == _events(records, cut=1) == _events(records, cut=7)


def test_a_bump_in_the_first_steps_is_none() -> None:
    assert not _events(_records(_thrown(1.0, 5.0, 0.3)))


@pytest.mark.parametrize("seed", range(8))
def test_heavy_tailed_batches_with_a_low_first_one_are_none(seed: int) -> None:
    losses = np.random.default_rng(seed).lognormal(0, 1.0, 300)
    losses[0] = np.quantile(losses, 0.02)
    assert not _events(_records(losses))


def test_a_first_loss_of_nothing_leads_to_no_leap() -> None:
    """A student that begins as a copy of its teacher, and is given something to learn."""
    losses = np.concatenate(([1e-7], np.linspace(1e-3, 5e-2, 60)))
    assert not _events(_records(losses))


def test_one_bad_batch_among_the_first_is_none() -> None:
    losses = _thrown(1.0, 0.5, 0.3)
    losses[3] = 5e3
    assert not _events(_records(losses))


def test_models_that_play_against_each_other_may_rise_far() -> None:
    assert not _events(_records(_thrown(0.7, 40.0, 20.0), name="train/loss_g"))


def test_an_evaluation_tells_it_where_records_are_rare() -> None:
    losses = np.array([18.0, 600, 89, 460, 57, 109, 7.7, 5.5, 3.8, 4.7, 2.7, 2.5, 1.9, 1.2])
    event, *_ = _events(_records(losses, every=10, val={2: 681.0, 6: 54.0, 10: 5.9}))
    assert (event.severity.word, event.onset) == ("error", 1)
    assert not _events(_records(losses, every=10))


def test_a_validation_loss_that_is_summed_tells_nothing() -> None:
    losses = 2.0 * np.exp(-np.arange(40) / 20)
    val = {at: 900 * losses.item(at) for at in range(4, 40, 5)}
    assert not _events(_records(losses, every=10, val=val))


def test_two_records_a_hundred_times_the_first_are_enough_and_are_told_once() -> None:
    """An autoencoder that is back below its first loss at once, at the mean of its targets."""
    losses = np.concatenate(([0.36, 8.7e5, 313.0, 0.13, 1.5, 2.1, 1.5, 0.9], np.full(200, 0.087)))
    losses *= np.random.default_rng(0).lognormal(0, 0.1, len(losses))
    records = _records(losses)
    opened, cleared = _events(records)
    assert (opened.severity.word, opened.onset, cleared.kind) == ("error", 1, "cleared")
    assert opened.evidence["value"] > 100
    assert _events(records, cut=1) == [opened, cleared]


def test_two_records_of_heavy_tails_are_none() -> None:
    for seed in range(20):
        losses = np.random.default_rng(seed).lognormal(0, 1.5, 300)
        assert not _events(_records(losses))
