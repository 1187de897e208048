"""The rule for runs that become slower: against what, for how long, and why."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("throughput-regression")
LENGTH = 700


def _log(factor: float = 1.0, *, since: int = 300, spread: float = 0.05) -> list[Record]:
    """Return steps of 100 ms that take so many times as long from one of them on."""
    times = np.random.default_rng(0).lognormal(np.log(0.1), spread, LENGTH)
    times[since:] *= factor
    return [{"step": step, "step_time": time} for step, time in enumerate(times.tolist())]


def _late(records: list[Record], before: dict[str, Any], behind: dict[str, Any]) -> list[Record]:
    return [r | (behind if r["step"] >= 300 else before) for r in records]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_steps_that_take_half_again_as_long_are_a_warning() -> None:
    event, *_ = _events(_log(1.5))
    assert (event.severity.word, event.metric) == ("warning", "step_time")
    assert event.onset == pytest.approx(300, abs=32)
    assert event.evidence["slowdown"] == pytest.approx(1.5, abs=0.05)
    assert event.evidence["explained_by"] == "unknown"


def test_a_fifth_more_is_worth_knowing() -> None:
    assert {event.severity.word for event in _events(_log(1.2))} == {"info"}


def test_a_run_that_keeps_its_pace_is_in_order() -> None:
    assert not _events(_log())


@pytest.mark.parametrize(
    ("before", "behind", "why"),
    [
        ({"data_time": 0.002}, {"data_time": 0.05}, "data"),
        ({"sys/gpu0/clock": 1_980}, {"sys/gpu0/clock": 1_300}, "clock"),
        ({"sys/swap_used": 0.0}, {"sys/swap_used": 4e9}, "memory"),
        ({"work_time": 0.09}, {"work_time": 0.14}, "compute"),
        ({"work_time": 0.09}, {"work_time": 0.09}, "exchange"),
        ({"data_time": 0.002}, {"data_time": 0.002}, "compute"),
    ],
)
def test_it_says_what_explains_it(
    before: dict[str, float], behind: dict[str, float], why: str
) -> None:
    event, *_ = _events(_late(_log(1.5), before, behind))
    assert event.evidence["explained_by"] == why


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ({"seq_len": 1_024}, {"seq_len": 1_536}),
        ({"batch_size": 32}, {"batch_size": 48}),
        ({"tokens_per_second": 5_000.0}, {"tokens_per_second": 5_000.0}),
    ],
)
def test_steps_that_hold_more_work_are_no_slower(
    before: dict[str, float], behind: dict[str, float]
) -> None:
    assert not _events(_late(_log(1.5), before, behind))


def test_tokens_that_are_counted_up_tell_the_work_of_a_step() -> None:
    records = _log(1.5)
    tokens = np.cumsum(np.where(np.arange(LENGTH) >= 300, 1_500, 1_000)).tolist()
    assert not _events([r | {"tokens": n} for r, n in zip(records, tokens, strict=True)])
    steady = np.cumsum(np.full(LENGTH, 1_000)).tolist()
    assert _events([r | {"tokens": n} for r, n in zip(records, steady, strict=True)])


def test_a_phase_begins_anew() -> None:
    records = _log(2.0)
    assert not _events([*records[:300], {"event": "phase", "name": "unfreeze"}, *records[300:]])


def test_slow_first_steps_and_pauses_are_no_usual_time() -> None:
    records = _log()
    for record in records[:25]:
        record["step_time"] += 3.0
    for record in records[100::100]:
        record["step_time"] += 30.0
    assert not _events(records)


def test_it_is_over_when_the_pace_is_back() -> None:
    records = _log(1.6, since=200)
    records[450:] = [r | {"step": r["step"] + 450} for r in _log()[:250]]
    assert [event.kind for event in _events(records)] == ["opened", "cleared"]


def test_a_throughput_alone_will_do() -> None:
    records = [{"step": r["step"], "tokens_per_second": 100 / r["step_time"]} for r in _log(1.5)]
    event, *_ = _events(records)
    assert event.metric == "tokens_per_second"
    assert event.evidence["slowdown"] == pytest.approx(1.5, abs=0.05)


def test_reinforcement_learning_is_as_fast_as_its_episodes() -> None:
    assert not _events([r | {"rollout/ep_rew_mean": 1.0} for r in _log(1.5)])


def test_steps_that_take_no_time_may_vary() -> None:
    assert not _events([r | {"step_time": r["step_time"] / 500} for r in _log(1.5)])


def test_records_of_ten_steps_each_are_judged_sooner() -> None:
    records = [r | {"step": 10 * r["step"]} for r in _log(1.6, since=60)[:100]]
    assert max(event.severity for event in _events(records)).word == "warning"


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_it_does_not_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    records: list[Record] = []
    factors = np.repeat([1.0, 1.2, 1.6, 1.0, 1.5], LENGTH // 5).tolist()
    lengths = np.repeat([1.0, 1.0, 1.0, 1.0, 1.5], LENGTH // 5).tolist()
    for record, factor, length in zip(_log(), factors, lengths, strict=True):
        record |= {"step_time": record["step_time"] * factor, "seq_len": length}
        if rng.random() < 0.05:
            del record["step_time"]
        records.append(record)
    assert replay(RULE, records, cut=cut) == replay(RULE, records)
