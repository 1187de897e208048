"""The rule for the size of updates beside the weights: frozen, too small, too large."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("update-ratio")


def _events(
    ratios: Sequence[float], rates: Sequence[float | None], *, falls: bool = False, every: int = 10
) -> list[Event]:
    """Return what is said of ratios and learning rates, `every` so many steps."""
    loss = 2.3 * np.exp(-np.arange(len(ratios)) / 50) if falls else np.full(len(ratios), 2.3)
    records: list[Record] = [{"trainmon": 1, "config": {"warmup_steps": 100}}]
    records += [
        {"step": every * at, "lr": rate, "update_ratio": ratio, "train/loss": float(loss[at])}
        for at, (ratio, rate) in enumerate(zip(ratios, rates, strict=True))
    ]
    return [decision.event for decision in replay(RULE, records)]


def test_weights_that_do_not_move_are_an_error_within_two_hundred_steps_of_the_gate() -> None:
    event, *_ = _events([1e-3] * 40 + [0.0] * 40, [1e-3] * 80)
    assert (event.severity.word, event.onset) == ("error", 41)
    assert event.row <= 41 + 24
    assert event.title.startswith(
        "the weights do not move: update_ratio is exactly 0 in 16 records"
    )
    assert event.evidence["median"] == 0.0


def test_nothing_moves_where_the_learning_rate_is_0_and_that_is_no_news() -> None:
    rates = [1e-3] * 40 + [0.0] * 60
    assert not _events([1e-3] * 40 + [0.0] * 60, rates)


def test_the_tail_of_a_schedule_takes_the_updates_along() -> None:
    rates = np.geomspace(1e-2, 1e-8, 200).tolist()
    assert not _events(rates, rates)


def test_updates_below_a_hundred_thousandth_at_the_peak_rate_are_a_warning() -> None:
    event, *_ = _events([3e-7] * 60, [1e-6] * 60)
    assert event.severity.word == "warning"
    assert event.evidence["median"] == pytest.approx(3e-7)


def test_updates_of_a_fifth_of_the_weights_are_a_warning() -> None:
    event, *_ = _events([0.2] * 60, [1.0] * 60)
    assert (event.severity.word, event.evidence["lr"]) == ("warning", 1.0)


@pytest.mark.parametrize("ratio", [3e-7, 0.2])
def test_a_run_whose_loss_falls_all_the_same_is_info(ratio: float) -> None:
    assert {e.severity.word for e in _events([ratio] * 60, [1e-3] * 60, falls=True)} == {"info"}


@pytest.mark.parametrize("ratio", [2e-5, 1e-3, 5e-2])
def test_usual_updates_are_ordinary(ratio: float) -> None:
    noise = np.random.default_rng(0).lognormal(0, 0.2, 400)
    assert not _events((ratio * noise).tolist(), [1e-3] * 400)


def test_single_skipped_steps_are_ordinary() -> None:
    ratios = np.full(400, 1e-3)
    ratios[::3] = 0.0
    assert not _events(ratios.tolist(), [1e-3] * 400)


def test_without_a_learning_rate_small_updates_may_be_the_tail_but_0_is_0() -> None:
    assert not _events([1e-7] * 60, [None] * 60)
    assert _events([0.0] * 60, [None] * 60)[0].severity.word == "error"


def test_weights_that_move_again_clear_it() -> None:
    *_, last = _events([0.0] * 60 + [1e-3] * 40, [1e-3] * 100)
    assert (last.kind, last.severity.word) == ("cleared", "error")


def test_records_of_every_step_take_a_hundred_of_them() -> None:
    event, *_ = _events([1e-3] * 250 + [0.0] * 250, [1e-3] * 500, every=1)
    assert 350 <= event.row <= 370


def test_the_layer_that_moves_the_most_is_named() -> None:
    records: list[Record] = [
        {"step": 10 * at, "lr": 0.1, "update_ratio": 0.3, "train/loss": 2.3} for at in range(60)
    ]
    records[20] |= {"update_ratio/stem": 0.01, "update_ratio/head": 0.9}
    evidence = replay(RULE, records)[0].event.evidence
    assert (evidence["layer"], evidence["layer_ratio"]) == ("head", 0.9)


def test_a_loss_that_leaps_in_its_first_steps_and_comes_back_has_not_fallen() -> None:
    losses = [2.3, *[400.0] * 7, *[2.2] * 52]
    records: list[Record] = [
        {"step": 10 * at, "lr": 0.3, "update_ratio": 1e-6, "train/loss": loss}
        for at, loss in enumerate(losses)
    ]
    event, *_ = [decision.event for decision in replay(RULE, records)]
    assert event.severity.word == "warning"
