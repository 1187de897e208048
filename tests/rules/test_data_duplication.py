"""The rule for samples that come several times: each signal by itself, and what is meant so."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("data-duplication")

Curve = NDArray[np.float64]


def _header(config: Mapping[str, object]) -> Record:
    return {"trainmon": 1, "time": 1e9, "config": dict(config)}


def _epochs(steps: int, count: int = 6, **config: object) -> list[Event]:
    """Return the events of a log of so many epochs of so many steps, by its steps alone."""
    rng = np.random.default_rng(0)
    rows: list[Record] = [_header(config)]
    for step in range(1, count * steps + 1):
        loss = float(1 + rng.normal(0, 0.1))
        rows.append({"step": step, "epoch": step / steps, "train/loss": loss})
    return [decision.event for decision in replay(RULE, rows)]


def _passes(*metrics: Record, **config: object) -> list[Event]:
    """Return the events of a log that tells these metrics at the ends of its passes."""
    rows: list[Record] = [_header(config), {"step": 1, "train/loss": 1.0}]
    rows += [{"step": 100 * n, "train/loss": 1.0, **each} for n, each in enumerate(metrics, 1)]
    return [decision.event for decision in replay(RULE, rows)]


def _losses(losses: Curve, epoch: float | None = None) -> list[Event]:
    rows: list[Record] = []
    for step, loss in enumerate(losses.tolist()):
        place = {"step": step} | ({"epoch": step / epoch} if epoch else {})
        rows.append(place | {"train/loss": loss})
    return [decision.event for decision in replay(RULE, rows)]


def _repeated(workers: int, seed: int, steps: int = 1_024) -> Curve:
    """Return the losses of batches that come from each worker in turn, and are learned a little."""
    rng = np.random.default_rng(seed)
    steps -= steps % workers
    batches = rng.lognormal(0, 0.3, steps // workers)
    learned = 0.99 ** np.arange(workers)
    fall = 0.3 + np.exp(-np.arange(steps) / 300)
    losses: Curve = fall * (batches[:, None] * learned).ravel() * rng.lognormal(0, 0.05, steps)
    return losses


def test_a_pass_of_eight_times_the_expected_batches_names_the_workers() -> None:
    (first,) = _passes({"data/batches": 1_000, "data/batches_expected": 125}, num_workers=8)
    assert (first.severity.word, first.onset) == ("warning", 1)
    assert (first.evidence["times"], first.evidence["workers"]) == (8, 8)
    assert "each of the 8 workers yields the whole set" in first.title


def test_last_batches_that_are_not_full_are_no_repetition() -> None:
    assert not _passes({"data/batches": 133, "data/batches_expected": 125}, num_workers=8)


def test_a_pass_as_expected_clears_it() -> None:
    twice: Record = {"data/batches": 250, "data/batches_expected": 125}
    events = _passes(twice, twice | {"data/batches": 125})
    assert [event.kind.value for event in events] == ["opened", "cleared"]


def test_an_eighth_of_different_samples_is_told_at_once() -> None:
    (first,) = _passes({"data/distinct_fraction": 0.125})
    assert first.severity.word == "warning"
    assert first.evidence["times"] == 8


def test_a_share_that_is_no_whole_part_takes_two() -> None:
    half: Record = {"data/distinct_fraction": 0.42}
    assert [event.severity.word for event in _passes(half, half)] == ["info", "warning"]


def test_drawing_with_replacement_leaves_63_percent() -> None:
    assert not _passes({"data/distinct_fraction": 0.632})


def test_steps_as_many_times_the_training_set_as_there_are_workers_warn() -> None:
    first = _epochs(400, train_samples=1_600, batch_size=32, num_workers=8)[0]
    assert (first.severity.word, first.evidence["times"]) == ("warning", 8)
    assert (first.evidence["steps_per_epoch"], first.evidence["steps_expected"]) == (400, 50)


@pytest.mark.parametrize("rival", [{"world_size": 4}, {"accum": 4}])
def test_what_explains_the_ratio_as_well_makes_it_info(rival: Record) -> None:
    (first,) = _epochs(200, train_samples=6_400, batch_size=32, num_workers=4, **rival)
    assert first.severity.word == "info"
    assert "rival" in first.evidence


def test_accumulated_batches_that_count_as_steps_are_no_repetition() -> None:
    assert not _epochs(200, train_samples=6_400, batch_size=32, num_workers=2, accum=4)


def test_the_training_set_once_an_epoch_is_in_order() -> None:
    assert not _epochs(50, train_samples=1_600, batch_size=32, num_workers=8)


def test_another_whole_number_of_training_sets_is_info() -> None:
    (first,) = _epochs(300, 4, train_samples=3_200, batch_size=32, num_workers=8)
    assert (first.severity.word, first.evidence["times"]) == ("info", 3)


def test_repetition_that_is_meant_is_none() -> None:
    eighth: Record = {"data/distinct_fraction": 0.125}
    assert not _passes(eighth, oversample=True)
    assert not _passes(eighth, replacement=True)
    assert not _passes(eighth, sampler="WeightedRandomSampler")
    assert _passes(eighth, oversample=False)


@pytest.mark.parametrize("workers", [2, 4, 8, 12, 16])
def test_the_loss_alone_tells_how_many_workers_yield_the_same(workers: int) -> None:
    for seed in range(5):
        first = _losses(_repeated(workers, seed))[0]
        assert (first.evidence["period"], first.severity.word) == (workers, "warning")
        assert first.row < 600


@pytest.mark.parametrize(("epoch", "told"), [(21.0, True), (20.0, False)])
def test_repeated_batches_keep_their_beat_over_the_border_of_a_short_epoch(
    *, epoch: float, told: bool
) -> None:
    assert bool(_losses(_repeated(4, seed=0), epoch=epoch)) is told


def test_a_shuffled_training_has_no_phase() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        fall = 0.3 + np.exp(-np.arange(1_024) / 300)
        assert not _losses(fall * rng.lognormal(0, rng.uniform(0.05, 1), 1_024))


def test_batches_of_one_class_in_a_row_are_an_order_and_no_repetition() -> None:
    rng = np.random.default_rng(0)
    epoch = np.tile([2.0, 0.3], 10) * rng.lognormal(0, 0.3, 20)
    losses = np.tile(epoch, 52)[:1_024] * rng.lognormal(0, 0.1, 1_024)
    assert not _losses(losses, epoch=20)
    assert not _losses(losses)


def test_tasks_that_alternate_are_none() -> None:
    rng = np.random.default_rng(0)
    assert not _losses(np.tile(np.repeat([1.0, 2.0], 8), 64) * rng.lognormal(0, 0.05, 1_024))


def test_a_mean_that_begins_anew_is_none() -> None:
    losses = np.random.default_rng(0).lognormal(0, 0.5, (128, 8))
    assert not _losses((np.cumsum(losses, 1) / np.arange(1, 9)).ravel())


def test_a_value_that_is_logged_twice_is_none() -> None:
    assert not _losses(np.repeat(np.random.default_rng(0).lognormal(0, 0.3, 512), 2))


def test_two_signals_are_one_finding_with_the_numbers_of_both() -> None:
    *_, last = _passes(
        {"data/batches": 1_000, "data/batches_expected": 125, "data/distinct_fraction": 0.125}
    )
    assert last.evidence["signals"] == ["batches", "distinct"]
    assert {"batches_expected", "distinct_fraction"} <= last.evidence.keys()
