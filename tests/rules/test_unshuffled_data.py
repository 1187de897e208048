"""The rule for batches in one order: what comes again, how surely, and which shapes are benign."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("unshuffled-data")

Random = np.random.Generator
Curve = NDArray[np.floating]
Epoch = Callable[[int, Random], Curve]
"""Returns the losses of an epoch, given its number."""

RECORDS = 40


def _events(
    epoch: Epoch, epochs: int = 8, *, seed: int = 0, whole: bool = False, **config: object
) -> list[Event]:
    """Return the events of a log of so many epochs; `whole` tells epochs as whole numbers."""
    rng = np.random.default_rng(seed)
    rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    step = 0
    for number in range(epochs):
        losses = epoch(number, rng).tolist()
        for index, loss in enumerate(losses):
            step += 1
            place = number if whole else number + index / len(losses)
            rows.append({"step": step, "epoch": place, "train/loss": float(loss)})
    return [decision.event for decision in replay(RULE, rows)]


def _noisy(shape: Curve, rng: Random, noise: float = 0.1) -> Curve:
    losses: Curve = shape * rng.lognormal(0, noise, len(shape))
    return losses


def _by_class(_: int, rng: Random) -> Curve:
    """Return an epoch of five classes in turn: each is learned anew and then forgotten."""
    return _noisy(0.3 + 0.7 ** (np.arange(RECORDS) % 8), rng)


def _by_source(_: int, rng: Random) -> Curve:
    """Return an epoch of three sources of unlike difficulty."""
    return _noisy(np.repeat([0.4, 1.2, 0.6], (15, 10, 15)), rng)


@pytest.mark.parametrize("epoch", [_by_class, _by_source])
@pytest.mark.parametrize("whole", [False, True])
def test_sorted_data_are_told_when_three_epochs_are_over(epoch: Epoch, *, whole: bool) -> None:
    first = _events(epoch, whole=whole)[0]
    assert (first.severity.word, first.evidence["epochs"]) == ("warning", 3)
    assert first.onset == 1
    assert first.row < 3 * RECORDS + 10


def test_an_order_that_is_random_but_always_the_same_is_info() -> None:
    shape = np.random.default_rng(5).lognormal(0, 0.3, RECORDS)
    events = _events(lambda _, rng: _noisy(shape, rng))
    assert {event.severity.word for event in events} == {"info"}


@pytest.mark.parametrize("place", [8, 15, 31, RECORDS - 1])
def test_one_bad_batch_at_the_same_place_of_each_epoch_is_no_shape(place: int) -> None:
    def one_is_bad(_: int, rng: Random) -> Curve:
        losses = rng.normal(0.35, 0.02, RECORDS)
        losses[place] = rng.uniform(20, 50)
        return losses

    assert not any(_events(one_is_bad, 12, seed=seed) for seed in range(10))


def test_sorted_data_are_told_beside_a_bad_batch() -> None:
    def sorted_with_a_bad_one(number: int, rng: Random) -> Curve:
        losses = _by_source(number, rng)
        losses[31] = 40.0
        return losses

    assert _events(sorted_with_a_bad_one)[0].severity.word == "warning"


def test_an_average_makes_no_sorted_data_of_a_random_order() -> None:
    shape = np.random.default_rng(5).lognormal(0, 0.3, RECORDS)
    average = 1.0

    def averaged(_: int, rng: Random) -> Curve:
        nonlocal average
        losses = []
        for loss in _noisy(shape, rng, 0.25).tolist():
            average = 0.8 * average + 0.2 * loss
            losses.append(average)
        return np.array(losses)

    assert {event.severity.word for event in _events(averaged)} == {"info"}


def test_shuffled_epochs_have_nothing_in_common() -> None:
    def shuffled(_: int, rng: Random) -> Curve:
        return rng.permutation(_by_class(0, rng))

    assert not any(_events(shuffled, 20, seed=seed) for seed in range(10))


def test_stairs_at_the_borders_are_benign() -> None:
    def memorised(number: int, rng: Random) -> Curve:
        within = 1 - 0.2 * np.exp(-np.arange(RECORDS) / 10)
        return _noisy(0.7**number * within, rng, 0.05)

    assert not any(_events(memorised, seed=seed) for seed in range(10))


def test_what_begins_anew_with_an_epoch_is_no_order() -> None:
    def first_batches_high(_: int, rng: Random) -> Curve:
        return _noisy(1.0 + (np.arange(RECORDS) < 3), rng, 0.05)

    assert not _events(first_batches_high)


def test_a_mean_since_the_beginning_of_the_epoch_is_no_order() -> None:
    def mean_so_far(_: int, rng: Random) -> Curve:
        losses: Curve = np.cumsum(rng.lognormal(0, 0.3, RECORDS)) / np.arange(1, RECORDS + 1)
        return losses

    assert not any(_events(mean_so_far, 12, seed=seed) for seed in range(10))


def test_epochs_of_a_few_records_have_no_shape() -> None:
    assert not _events(lambda number, rng: _by_class(number, rng)[:12], 20)


def test_long_epochs_are_compared_part_by_part() -> None:
    def long(_: int, rng: Random) -> Curve:
        return _noisy(np.repeat([0.4, 1.2, 0.6], 500), rng, 0.3)

    assert _events(long, 4)[0].severity.word == "warning"


def test_a_configuration_without_shuffling_is_told() -> None:
    assert _events(_by_class, shuffle=False)[0].evidence["shuffle"] is False


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e308])
@pytest.mark.parametrize("level", [0.0, 0.3])
def test_losses_that_are_none_do_no_harm(odd: float, level: float) -> None:
    def with_one(_: int, rng: Random) -> Curve:
        losses = np.full(RECORDS, level)
        losses[20:] += 0.1 * rng.random(RECORDS - 20)
        losses[30] = odd
        return losses

    assert not any(event.severity.word == "warning" for event in _events(with_one))


def test_it_clears_when_the_order_changes() -> None:
    def mended(number: int, rng: Random) -> Curve:
        losses = _by_class(number, rng)
        return losses if number < 4 else rng.permutation(losses)

    kinds = [event.kind.value for event in _events(mended, 20)]
    assert (kinds[0], kinds[-1]) == ("opened", "cleared")


def test_a_resumed_run_is_compared_anew() -> None:
    rng = np.random.default_rng(0)
    rows: list[Record] = []
    for step in range(5 * RECORDS):
        if step == 2 * RECORDS:
            rows.append({"event": "resume", "step": step})
        loss = float(_by_class(0, rng)[step % RECORDS])
        rows.append({"step": step, "epoch": step / RECORDS, "train/loss": loss})
    assert not [d for d in replay(RULE, rows) if d.event.row < 5 * RECORDS]


def test_what_the_rounding_of_a_constant_loss_repeats_is_no_shape() -> None:
    dust = 90 * (1 + 1e-8 * np.random.default_rng(5).normal(0, 1, RECORDS))
    assert not _events(lambda *_: dust)


def test_a_loss_that_rises_within_every_epoch_from_the_first_on_is_of_sorted_batches() -> None:
    def harder(number: int, rng: Random) -> Curve:
        return _noisy(0.8**number * np.linspace(1, 1.8, RECORDS), rng, 0.05)

    event = _events(harder)[0]
    assert (event.severity.word, event.evidence["epochs"]) == ("warning", 3)


def test_a_loss_that_rises_within_epochs_after_a_first_one_that_fell_is_learned_by_heart() -> None:
    def stairs(number: int, rng: Random) -> Curve:
        shape = np.linspace(1.0, 1.4, RECORDS) if number else np.linspace(2.5, 1.4, RECORDS)
        return _noisy(0.8**number * shape, rng, 0.05)

    assert not _events(stairs)
