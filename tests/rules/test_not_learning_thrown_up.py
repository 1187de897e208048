"""The rule for runs that do not learn: those thrown up by their first steps, that came down."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("not-learning")

Curve = NDArray[np.float64]

THROWN = [0.4, 25.0, 7.0, 2.5, 0.7]
"""The first losses of a run whose rate is far too high."""


def _log(losses: Curve, val: list[float] | None = None, name: str = "val/loss") -> list[Record]:
    """Return a log with evaluations at equal distances."""
    records, every = list[Record](), len(losses) // len(val) if val else 0
    for at, loss in enumerate(losses.tolist(), 1):
        records.append({"step": at, "train/loss": loss})
        if val and at % every == 0:
            records.append({"step": at, name: val[at // every - 1]})
    return records


def _told(records: list[Record]) -> list[Event]:
    events = [decision.event for decision in replay(RULE, records)]
    return [e for e in events if e.severity >= Severity.WARNING and e.kind != "cleared"]


def _noise(length: int, seed: int = 0) -> Curve:
    return np.random.default_rng(seed).lognormal(0, 0.1, length)


def _behind(first: list[float], rest: Curve) -> Curve:
    return np.concatenate((first, rest)) * _noise(len(first) + len(rest))


@pytest.mark.parametrize("val", [None, [0.2496, 0.2484, 0.252, 0.2491, 0.2484, 0.25, 0.249, 0.248]])
def test_a_run_that_stands_where_it_came_down_to_does_not_learn(val: list[float] | None) -> None:
    assert _told(_log(_behind(THROWN, np.full(700, 0.25)), val))


def test_one_loss_a_thousand_times_the_first_one_is_enough() -> None:
    first = [1.5, 1e5, 1.9, 1.6, 1.4]
    event, *_ = _told(_log(_behind(first, np.full(700, 1.2))))
    assert "was thrown up by its first steps" in event.title


def test_a_run_that_learns_after_it_was_thrown_up_does_learn() -> None:
    falling = 0.05 + 0.3 * np.exp(-np.arange(700) / 300)
    assert not _told(_log(_behind(THROWN, falling)))


def test_a_run_that_converges_at_once_is_none() -> None:
    """A fine-tune, or an easy target: one hard batch among the first tells nothing else."""
    assert not _told(_log(_behind([0.9, 8.0, 0.4, 0.3, 0.25], np.full(700, 0.2))))


def test_a_weighted_kappa_of_0_is_no_agreement_beyond_chance() -> None:
    losses = _behind([0.7], np.full(799, 0.58))
    told = _told(_log(losses, [0.0] * 10, "val/qwk"))
    assert told[-1].evidence["metric"] == "val/qwk"
    assert not _told(_log(losses, [0.0, 0.1, 0.3, 0.4, 0.4, 0.5, 0.5, 0.5], "val/qwk"))


def test_such_a_run_is_told_in_two_fifths_of_the_time() -> None:
    thrown = _told(_log(_behind([0.7, 25.0, 230.0, 86.0, 44.0], np.full(225, 0.69))))
    assert thrown
    assert not _told(_log(_behind([0.7], np.full(225, 0.69))))
