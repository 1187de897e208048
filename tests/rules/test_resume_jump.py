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
