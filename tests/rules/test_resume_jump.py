"""resume-jump: the loss, or the learning rate, is not where it was when the run goes on."""

import numpy as np
import pytest

from tests.rules.schedules import events
from trainmon.rule import Severity
from trainmon.store.batch import Record

RULE = "resume-jump"


def _log(after: float, rate_after: float = 0.1, *, resume: Record | None = None) -> list[Record]:
    """Return a run that has settled at 0.3, goes on at step 200 and has another level then."""
    noise = np.random.default_rng(0).normal(0, 0.02, 400)
    records: list[Record] = [
        {
            "step": step,
            "train/loss": float((0.3 if step < 200 else after) + noise[step]),
            "lr": 0.1 if step < 200 else rate_after,
        }
        for step in range(400)
    ]
    between = {"event": "resume", "step": 200} if resume is None else resume
    return [*records[:200], between, *records[200:]]


def test_a_loss_that_stays_far_above_is_a_warning_from_the_seam_on() -> None:
    found = events(RULE, _log(after=1.5))
    assert [event.severity for event in found] == [Severity.INFO, Severity.WARNING]
    assert found[-1].onset == 200
    assert found[-1].evidence["before"] == pytest.approx(0.3, abs=0.02)
    assert found[-1].evidence["after"] == pytest.approx(1.5, abs=0.05)


def test_a_restarted_process_is_a_seam_too() -> None:
    assert events(RULE, _log(after=1.5, resume={"trainmon": 1, "attempt": 1}))


def test_steps_that_are_redone_are_compared_with_those_before_them() -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, 600)
    first = [2 * np.exp(-step / 100) + noise[step] for step in range(300)]
    again = [2 * np.exp(-step / 100) + noise[step + 100] for step in range(150, 400)]
    losses = [*enumerate(first), *enumerate(again, start=150)]
    records: list[Record] = [{"step": s, "train/loss": float(loss)} for s, loss in losses]
    assert not events(RULE, records)


def test_a_learning_rate_that_was_not_restored_is_told_by_itself_as_info() -> None:
    (event,) = events(RULE, _log(after=0.3, rate_after=0.02))
    assert event.severity == Severity.INFO
    assert (event.evidence["lr_before"], event.evidence["lr_after"]) == (0.1, 0.02)


@pytest.mark.parametrize("after", [0.3, 0.1])
def test_a_loss_that_is_the_same_or_lower_is_well(after: float) -> None:
    assert not events(RULE, _log(after))


def test_a_phase_is_no_resume() -> None:
    assert not events(RULE, _log(after=1.5, resume={"event": "phase", "name": "unfreeze"}))


def _seldom(after: list[float], *, every: int = 10, spread: float = 0.03) -> list[Record]:
    """Return a run whose every tenth step is logged, that goes on at step 600 with some losses."""
    noise = np.random.default_rng(0).normal(0, spread, 200)
    fall = 1.1 + 0.9 * np.exp(-np.arange(60) / 15)
    levels = [*fall.tolist(), *after, *[1.1] * (60 - len(after))]
    records: list[Record] = [
        {"step": every * (place + 1), "train/loss": float(level + noise[place])}
        for place, level in enumerate(levels)
    ]
    return [*records[:60], {"event": "resume", "step": every * 60}, *records[60:]]


LEAP = [1.9, 1.5, 1.4, 1.4, 1.35, 1.3, 1.3, 1.25]
"""Losses of every tenth step, behind a resume from which the run recovers."""


def test_a_leap_in_a_log_of_every_tenth_step_is_a_warning_though_it_is_falling_again() -> None:
    (event,) = events(RULE, _seldom(LEAP))
    assert event.severity == Severity.WARNING
    assert event.onset == 60
    assert event.evidence["before"] == pytest.approx(1.1, abs=0.05)


def test_a_leap_out_of_a_loss_that_was_still_falling_is_told() -> None:
    records = _seldom([3.0] * 60)
    for place, record in enumerate(records[:60]):
        record["train/loss"] = 3.0 - 2.0 * place / 60 + float(np.sin(7.0 * place)) / 20
    assert events(RULE, records)[-1].severity == Severity.WARNING


def test_a_leap_of_single_steps_waits_for_the_next_eight() -> None:
    found = events(RULE, _seldom(LEAP, every=1))
    assert [event.severity for event in found][:1] == [Severity.INFO]


def test_a_hard_batch_behind_a_resume_is_no_leap() -> None:
    assert not events(RULE, _seldom([9.0, 4.0]))


@pytest.mark.parametrize("seed", range(20))
def test_hard_batches_of_a_heavy_tail_are_no_leap(seed: int) -> None:
    losses = np.random.default_rng(seed).lognormal(0, 0.8, 120).tolist()
    records: list[Record] = [
        {"step": 10 * place, "train/loss": loss} for place, loss in enumerate(losses)
    ]
    assert not events(RULE, [*records[:60], {"event": "resume", "step": 600}, *records[60:]])


def test_the_rate_with_which_it_goes_on_is_told_though_it_changes_soon() -> None:
    records = _seldom(LEAP)
    for place, record in enumerate(r for r in records if "step" in r and "event" not in r):
        record["lr"] = 0.06 if 60 <= place < 63 else 0.002
    event = events(RULE, records)[-1]
    assert (event.evidence["lr_before"], event.evidence["lr_after"]) == (0.002, 0.06)
