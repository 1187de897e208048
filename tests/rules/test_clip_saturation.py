"""The rule for clipping that acts always: when it says so, and what the steps are worth then."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("clip-saturation")


def _events(
    norms: Sequence[float], config: Record, losses: Sequence[float] | None = None
) -> list[Event]:
    """Return what is said of norms, one a step, with a loss that stands if none is given."""
    losses = losses if losses is not None else [1.57] * len(norms)
    records: list[Record] = [{"trainmon": 1, "config": config}]
    records += [
        {"step": step, "grad_norm": float(norm), "train/loss": float(loss), "lr": 3e-4}
        for step, (norm, loss) in enumerate(zip(norms, losses, strict=True))
    ]
    return [decision.event for decision in replay(RULE, records)]


def _around(median: float, length: int = 500) -> Sequence[float]:
    norms: list[float] = np.random.default_rng(0).lognormal(np.log(median), 0.4, length).tolist()
    return norms


def test_norms_of_two_hundred_with_a_clip_of_one_are_a_warning_with_numbers() -> None:
    event, *_ = _events(_around(200), {"clip": 1.0})
    assert event.severity.word == "warning"
    assert event.evidence["ratio"] == pytest.approx(200, rel=0.1)
    assert event.evidence["clipped_share"] == 1.0
    assert event.evidence["effective_lr"] == pytest.approx(3e-4 / 200, rel=0.1)
    assert event.evidence["lr"] == 3e-4


def test_an_optimizer_that_undoes_the_scale_has_no_lower_rate() -> None:
    adam, *_ = _events(_around(200), {"clip": 1.0, "optimizer": "AdamW"})
    assert (adam.evidence["scale_is_undone"], "effective_lr" in adam.evidence) == (True, False)
    sgd, *_ = _events(_around(200), {"clip": 1.0, "optimizer": "SGD"})
    assert (sgd.evidence["scale_is_undone"], "effective_lr" in sgd.evidence) == (False, True)


def test_it_takes_two_hundred_steps_behind_the_warm_up() -> None:
    event, *_ = _events(_around(200), {"clip": 1.0})
    assert 300 <= event.row < 320


@pytest.mark.parametrize("median", [0.3, 1.0, 2.0, 3.0])
def test_norms_up_to_three_times_the_clip_are_ordinary(median: float) -> None:
    assert not _events(_around(median, 3_000), {"clip": 1.0})


def test_single_large_gradients_are_what_clipping_is_for() -> None:
    norms = np.array(_around(0.5, 3_000))
    norms[::4] *= 100
    assert not _events(norms.tolist(), {"clip": 1.0})


def test_adam_learns_all_the_same_and_sgd_does_not() -> None:
    falling = (3.0 * np.exp(-np.arange(500) / 200)).tolist()
    adam, *_ = _events(_around(100), {"clip": 1.0, "optimizer": "AdamW"}, falling)
    sgd, *_ = _events(_around(100), {"clip": 1.0, "optimizer": "sgd"}, falling)
    assert (adam.severity.word, sgd.severity.word) == ("info", "warning")


def test_a_thousand_times_the_clip_is_a_warning_however_well_it_learns() -> None:
    falling = (3.0 * np.exp(-np.arange(500) / 200)).tolist()
    event, *_ = _events(_around(5_000), {"clip": 1.0, "optimizer": "adam"}, falling)
    assert event.severity.word == "warning"


def test_it_is_over_when_the_norms_are_near_the_clip() -> None:
    *_, last = _events([*_around(200), *_around(1.5)], {"clip": 1.0})
    assert last.kind == "cleared"


def test_nothing_is_said_without_a_clip() -> None:
    assert not _events(_around(200), {})


@pytest.mark.parametrize("config", [{"clip": 1.0}, {}])
def test_norms_that_pile_up_at_the_clip_were_logged_after_clipping(
    config: Record,
) -> None:
    event, *_ = _events(np.minimum(_around(50), 0.9999995).tolist(), config)
    assert (event.severity.word, event.evidence["after_clipping"]) == ("info", True)
    assert event.evidence["clip"] == pytest.approx(1.0, abs=1e-3)


def test_records_every_fifty_steps_need_not_be_two_hundred() -> None:
    records: list[Record] = [{"trainmon": 1, "config": {"clip": 1.0}}]
    records += [
        {"step": 50 * at, "grad_norm": float(norm), "train/loss": 1.5}
        for at, norm in enumerate(_around(200, 60))
    ]
    assert replay(RULE, records)[0].event.severity.word == "warning"
