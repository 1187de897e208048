"""The rule for ranks that must agree, on ranks side by side."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("rank-desync")
STEPS = 200


def _alike(ranks: int = 4, steps: int = STEPS) -> NDArray[np.float64]:
    """Return one number per step that all ranks tell."""
    loss = np.random.default_rng(0).lognormal(0, 0.1, steps)
    return np.repeat(loss[:, None], ranks, axis=1)


def _log(numbers: NDArray[np.float64], metric: str = "train/loss") -> list[Record]:
    return [
        {"step": step, "ranks": int(np.isfinite(row).sum())}
        | {f"{metric}/rank{n}": float(v) for n, v in enumerate(row) if np.isfinite(v)}
        for step, row in enumerate(numbers)
    ]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_loss_that_one_rank_tells_otherwise_is_a_warning_and_then_an_error() -> None:
    numbers = _alike()
    numbers[100:, 2] *= 1.001
    first, second = _events(_log(numbers))
    assert (first.row, first.onset, first.severity.word, first.rank) == (102, 100, "warning", 2)
    assert (second.row, second.severity.word) == (119, "error")
    assert first.evidence["off"] == [2]


def test_a_loss_that_was_told_to_the_last_digit_by_all_needs_few_steps_to_be_known() -> None:
    numbers = _alike(steps=38)
    numbers[12:, 3] *= 1.1
    assert _events(_log(numbers))[0].onset == 12
    assert not _events(_log(numbers.round(2)))  # two digits are alike by chance
    numbers[:12, 3] *= 1 + 1e-8
    assert not _events(_log(numbers))


def test_of_two_ranks_neither_is_said_to_be_right() -> None:
    numbers = _alike(2)
    numbers[100:, 1] *= 2
    event, *_ = _events(_log(numbers))
    assert (event.rank, event.evidence["off"]) == (None, [0, 1])


def test_digits_that_sums_in_another_order_lose_do_not_count() -> None:
    numbers = _alike()
    numbers[:, 1] *= 1 + 1e-8
    assert not _events(_log(numbers))


def test_losses_that_never_agreed_are_those_of_own_batches() -> None:
    assert not _events(_log(np.random.default_rng(1).lognormal(size=(STEPS, 4))))


def test_zeros_agree_by_chance() -> None:
    numbers = np.zeros((STEPS, 4))
    numbers[100:] = np.random.default_rng(1).lognormal(size=(100, 4))
    assert not _events(_log(numbers))


def test_a_gradient_norm_is_compared_as_well() -> None:
    numbers = _alike()
    numbers[100:, 2] *= 1.5
    assert {event.metric for event in _events(_log(numbers, "grad_norm"))} == {"grad_norm"}


def test_ranks_that_agree_again_are_told() -> None:
    numbers = _alike()
    numbers[60:70, 2] *= 1.5
    assert [event.kind for event in _events(_log(numbers))] == ["opened", "cleared"]


def test_a_checksum_must_be_exact_and_one_step_is_enough() -> None:
    numbers = np.full((STEPS, 4), np.nan)
    numbers[::20] = _alike()[::20]
    numbers[100, 3] *= 1 + 1e-12
    event, *_ = _events(_log(numbers, "param_checksum"))
    assert (event.row, event.severity.word, event.rank) == (100, "error", 3)


def test_a_rank_that_tells_no_more_is_gone() -> None:
    numbers = np.random.default_rng(1).lognormal(size=(STEPS, 4))
    numbers[90:, 1] = np.nan
    event, *_ = _events(_log(numbers))
    assert (event.rank, event.metric, event.onset, event.severity.word) == (1, None, 89, "warning")
    assert event.evidence["last_step"] == 89
    assert event.evidence["behind"] >= 20


def test_a_rank_that_comes_back_is_told() -> None:
    numbers = np.random.default_rng(1).lognormal(size=(STEPS, 4))
    numbers[90:150, 1] = np.nan
    assert [event.kind for event in _events(_log(numbers))] == ["opened", "cleared"]


def test_a_rank_that_tells_every_tenth_step_is_there() -> None:
    numbers = np.random.default_rng(1).lognormal(size=(STEPS, 4))
    numbers[np.arange(STEPS) % 10 > 0, 1:] = np.nan
    assert not _events(_log(numbers))


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_it_does_not_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    numbers = _alike(4, 400)
    numbers[rng.random((400, 4)) < 0.1] = np.nan
    numbers[120:150, 2] *= 1.1
    numbers[200:, 3] = np.nan
    records = _log(numbers)
    records.insert(300, {"event": "resume", "step": 300})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


@pytest.mark.parametrize("apart", [10, 50])
def test_a_rank_that_tells_no_more_is_gone_after_ten_of_its_usual_distances(apart: int) -> None:
    numbers = np.random.default_rng(1).lognormal(size=(40, 4))
    numbers[11:, 3] = np.nan
    records: list[Record] = [record | {"step": apart * record["step"]} for record in _log(numbers)]
    event, *_ = _events(records)
    assert (event.rank, event.onset, event.row) == (3, 10, 23)
    assert event.evidence["behind"] == 13 * apart


def test_a_rank_that_comes_back_is_told_in_a_log_of_every_tenth_step() -> None:
    numbers = np.random.default_rng(1).lognormal(size=(40, 4))
    numbers[8:24, 3] = np.nan
    records: list[Record] = [record | {"step": 10 * record["step"]} for record in _log(numbers)]
    assert [event.kind for event in _events(records)] == ["opened", "cleared"]
