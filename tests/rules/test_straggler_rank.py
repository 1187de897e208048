"""The rule for a rank that all others wait for, on ranks side by side."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("straggler-rank")
RANKS = 8


def _log(slower: dict[int, float], *, steps: int = 480, since: int = 192) -> list[Record]:
    """Return the work of 100 ms of eight ranks, some of which take longer from a step on."""
    work = np.random.default_rng(0).lognormal(np.log(0.1), 0.05, (steps, RANKS))
    for rank, factor in slower.items():
        work[since:, rank] *= factor
    return [
        {"step": step, "ranks": RANKS} | {f"work_time/rank{n}": t for n, t in enumerate(row)}
        for step, row in enumerate(work.tolist())
    ]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_slow_rank_is_a_warning_since_it_became_slow() -> None:
    event, *_ = _events(_log({5: 1.5}))
    assert (event.rank, event.severity.word, event.onset) == (5, "warning", 192)
    assert event.evidence["speed"] == pytest.approx(1 / 1.5, abs=0.03)
    assert event.evidence["ranks"] == RANKS


def test_three_reports_are_waited_for() -> None:
    event, *_ = _events(_log({5: 1.5}))
    assert event.row == 192 + 3 * 48 - 1
    assert not _events(_log({5: 1.5}, steps=192 + 2 * 48))


def test_two_slow_ranks_are_told_one_by_one() -> None:
    assert {event.rank for event in _events(_log({2: 1.6, 5: 1.5}))} == {2, 5}


@pytest.mark.parametrize("factor", [1.1, 1.25])
def test_a_quarter_more_is_no_trouble(factor: float) -> None:
    assert not _events(_log({5: factor}))


def test_work_that_is_divided_unevenly_is_no_trouble() -> None:
    assert not _events(_log(dict.fromkeys(range(6), 1.6)))


def test_short_steps_may_differ() -> None:
    records = [
        {key: value / 50 if "/" in key else value for key, value in record.items()}
        for record in _log({5: 1.8})
    ]
    assert not _events(records)


def test_it_is_over_when_the_rank_keeps_up_again() -> None:
    later = [r | {"step": r["step"] + 480} for r in _log({})]
    *_, last = _events([*_log({5: 1.5}), *later])
    assert (last.kind, last.rank) == ("cleared", 5)


def test_a_rank_that_waits_for_its_data_is_slow_where_only_that_is_told() -> None:
    records: list[Record] = [{"step": step, "ranks": 4} for step in range(300)]
    for record in records:
        for rank in range(4):
            record[f"data_time/rank{rank}"] = 0.3 if rank == 3 else 0.002
            record[f"step_time/rank{rank}"] = 0.4
    event, *_ = _events(records)
    assert (event.rank, event.metric) == (3, "data_time")
    assert event.evidence["time"] == pytest.approx(0.4)


def test_steps_that_all_wait_for_show_no_straggler() -> None:
    records = [
        {"step": n, "ranks": 2, "step_time/rank0": 0.4, "step_time/rank1": 0.4} for n in range(300)
    ]
    assert not _events(records)


def test_a_rank_that_is_gone_is_not_slow() -> None:
    records = _log({})
    for record in records[200:]:
        del record["work_time/rank5"]
    assert not _events(records)


def test_where_it_runs_is_told_in_words() -> None:
    places = {str(rank): {"host": f"node-{rank // 4}"} for rank in range(RANKS)}
    header: Record = {"trainmon": 1, "ranks": places}
    event, *_ = _events([header, *_log({5: 1.5})])
    assert event.title.startswith("rank 5 (node-1, process 1) needs 0.15 s")
    assert (event.evidence["host"], event.evidence["local_rank"]) == ("node-1", 1)


@pytest.mark.parametrize("places", [None, 3, {"5": "here"}, {"5": {"host": 4}}, {"x": {}}])
def test_places_that_are_none_do_no_harm(places: object) -> None:
    assert _events([{"trainmon": 1, "ranks": places}, *_log({5: 1.5})])[0].rank == 5


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_ranks_that_come_and_go_do_not_make_it_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    records = _log({2: 1.6, 5: 1.4})
    for record in records:
        for rank in range(RANKS):
            if rng.random() < 0.2:
                del record[f"work_time/rank{rank}"]
    records.insert(300, {"trainmon": 1, "attempt": 1})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


def _every(apart: int, records: list[Record]) -> list[Record]:
    """Return the records of every tenth step, or so."""
    return [record for record in records if record["step"] % apart == 0]


@pytest.mark.parametrize("apart", [5, 10, 50])
def test_reports_are_as_many_steps_where_fewer_are_logged(apart: int) -> None:
    event, *_ = _events(_every(apart, _log({5: 1.5}, steps=apart * 60, since=0)))
    assert (event.rank, event.onset) == (5, 0)
    assert event.row < 3 * max(48 / apart + 8, 8)


@pytest.mark.parametrize("seed", range(8))
def test_a_few_noisy_steps_prove_nothing(seed: int) -> None:
    work = np.random.default_rng(seed).lognormal(np.log(0.1), 0.5, (600, RANKS))
    records: list[Record] = [
        {"step": 10 * place, "ranks": RANKS} | {f"work_time/rank{n}": t for n, t in enumerate(row)}
        for place, row in enumerate(work.tolist())
    ]
    assert not _events(records)
