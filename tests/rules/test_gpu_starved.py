"""The rule for GPUs that idle: since when, why, and whose they are."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("gpu-starved")


def _log(util: Sequence[float], *, wait: float = 0.002) -> list[Record]:
    noise = np.random.default_rng(0).normal(0, 0.02, len(util))
    return [
        {"step": step, "sys/gpu0/util": value, "data_time": wait, "step_time": 0.2 + wait}
        for step, value in enumerate((np.array(util) + noise).clip(0, 1).tolist())
    ]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_gpu_that_is_half_idle_is_a_warning_since_it_began() -> None:
    event, *_ = _events(_log([0.95] * 192 + [0.5] * 200))
    assert (event.severity.word, event.onset, event.metric) == ("warning", 192, "sys/gpu0/util")
    assert event.evidence["explained_by"] == "unknown"


def test_the_share_of_waits_explains_it() -> None:
    event, *_ = _events(_log([0.5] * 300, wait=0.2))
    assert event.evidence["explained_by"] == "loader"
    assert event.evidence["data_share"] == pytest.approx(0.5)


def test_dips_that_follow_waits_explain_it() -> None:
    records = _log([0.95] * 400)
    for record in records[10::10]:
        record |= {"data_time": 0.3, "step_time": 0.5, "sys/gpu0/util": 0.5}
    event, *_ = _events(records)
    assert (event.severity.word, event.evidence["explained_by"]) == ("warning", "waits")
    assert event.evidence["dips"] > 0.8
    assert event.evidence["dips_elsewhere"] < 0.1


def test_dips_that_come_anyway_are_none_of_the_waits() -> None:
    util = np.random.default_rng(1).uniform(0.79, 0.91, 600).tolist()
    records = [
        record | {"sys/gpu0/util": use} for record, use in zip(_log(util), util, strict=True)
    ]
    for record in records[10::12]:
        record |= {"data_time": 0.3, "step_time": 0.5}
    assert not _events(records)


def test_the_first_steps_may_be_slow() -> None:
    assert not _events(_log([0.2] * 45 + [0.95] * 300))


def test_a_gpu_of_somebody_else_is_left_alone() -> None:
    records = [record | {"sys/gpu1/util": 0.03} for record in _log([0.95] * 300)]
    assert not _events(records)


def test_readings_once_a_second_are_judged_by_eights() -> None:
    records = []
    for record in _log([0.5] * 60):
        second = 10 * record["step"]
        records.append({"step": second, "sys/gpu0/util": record["sys/gpu0/util"]})
        records += [{"step": second + n, "train/loss": 1.0} for n in range(10)]
    assert _events(records)[0].severity.word == "warning"


def test_a_utilisation_in_percent_of_another_project_is_understood() -> None:
    records = [{"step": n, "train/loss": 1.0, "gpu_utilization": 50.0} for n in range(300)]
    assert _events(records)[0].evidence["util"] == 0.5
    assert not _events([r | {"gpu_utilization": 95.0} for r in records])


def test_how_much_of_its_arithmetic_a_model_uses_is_another_thing() -> None:
    assert not _events([{"step": n, "train/loss": 1.0, "mfu": 0.4} for n in range(300)])


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_readings_at_a_pace_of_their_own_do_not_make_it_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    records: list[Record] = []
    for record in _log(np.repeat([0.9, 0.5, 0.95], 300).tolist()):
        if rng.random() < 0.1:
            record |= {"data_time": 0.4, "step_time": 0.6}
        reading = {"sys/gpu0/util": record.pop("sys/gpu0/util")}
        records += [record, reading] if rng.random() < 0.6 else [record]
    records.insert(700, {"event": "resume", "step": 400})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


def _sampled(util: float, first: float, last: float) -> list[Record]:
    return [{"time": 1e9 + t, "sys/gpu0/util": util} for t in np.arange(first, last)]


def _evaluating(seconds: float) -> list[Record]:
    """Return a training of a step a second that stands still for so long at its middle."""
    records: list[Record] = []
    for step in range(400):
        time = step + (seconds if step >= 200 else 0.0)
        records += [{"step": step, "time": 1e9 + time, "train/loss": 1.0}]
        records += _sampled(0.97, time + 0.5, time + 1.0)
        if step == 199:
            records += _sampled(0.02, time + 1.0, time + seconds)
    return records


def test_a_card_that_idles_while_an_evaluation_runs_is_not_starved() -> None:
    assert not _events(_evaluating(600.0))


def test_a_card_that_idles_between_slow_steps_is() -> None:
    records: list[Record] = []
    for step in range(200):
        records += [{"step": step, "time": 1e9 + 60.0 * step, "train/loss": 1.0}]
        records += _sampled(0.3, 60.0 * step + 0.5, 60.0 * step + 60.0)
    assert _events(records)
