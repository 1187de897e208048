"""The rule for losses that jump at a resume: what the first evaluation behind it tells."""

import numpy as np

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("resume-jump")


def _log(after: list[float], val_after: float, *, seed: int = 0) -> list[Record]:
    """Return a thinned log that is resumed at step 400; the first losses behind it are `after`."""
    rng = np.random.default_rng(seed)
    records = list[Record]()
    for at in range(40):
        loss = 0.072 + 0.3 * np.exp(-at / 3) + rng.normal(0, 0.003)
        records.append({"step": 1 + 10 * at, "train_loss": float(loss)})
        if at % 5 == 4:
            val = 0.07 + 0.02 * np.exp(-at / 8) + rng.normal(0, 2e-4)
            records.append({"step": 10 * (at + 1), "val_loss": float(val)})
    records.append({"event": "resume", "step": 400})
    losses = [*after, *(0.072 + rng.normal(0, 0.003, 30))]
    for at, loss in enumerate(losses):
        records.append({"step": 401 + 10 * at, "train_loss": float(loss)})
        if at == 2:
            records.append({"step": 430, "val_loss": val_after})
    return records


def _told(records: list[Record], cut: int = 0) -> list[Event]:
    events = [decision.event for decision in replay(RULE, records, cut=cut)]
    return [event for event in events if event.severity >= Severity.WARNING]


JUMP = [0.74, 0.095, 0.085]


def test_an_evaluation_tells_a_jump_that_few_records_show() -> None:
    (event,) = _told(_log(JUMP, 0.082))
    assert event.evidence["val_after"] == 0.082
    assert event.title.endswith("and train_loss is not back, either")


def test_losses_that_jump_alone_are_batches() -> None:
    assert not _told(_log(JUMP, 0.0702))


def test_an_evaluation_alone_is_noise_or_overfitting() -> None:
    assert not _told(_log([0.071, 0.073, 0.07], 0.082))


def test_it_is_told_the_same_however_the_log_arrives() -> None:
    records = _log(JUMP, 0.082)
    assert _told(records) == _told(records, cut=1) == _told(records, cut=9)


def test_a_resume_that_goes_on_where_it_was_is_silent() -> None:
    for seed in range(20):
        assert not _told(_log([0.072, 0.075, 0.07], 0.0701, seed=seed))
