"""What every rule promises, tested over the rules that are there."""

import ast
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import Field, FrozenInstanceError, fields
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.woken import Woken
from trainmon import rules
from trainmon.judge import Decision, Judge, replay
from trainmon.liveness import Process
from trainmon.rule import Event, LiveRule, Moment, Rule
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

HEADINGS = [
    "Looks for",
    "Why it matters",
    "Fires when",
    "Stays quiet",
    "What to do",
    "Sources",
    "Example",
]

CUTS = (1, 7, 64)
"""Records per read, against the whole log in one read."""

PREFIXES = 80
"""Beginnings of an example that are each read at once, about evenly far from each other."""

AnyRule = Rule[Any]

each_rule = pytest.mark.parametrize("rule", rules.all_rules(), ids=lambda rule: rule.id)


def _judged(
    records: Sequence[Record],
    borders: Iterable[int],
    judging: Sequence[AnyRule] = rules.all_rules(),
) -> list[Decision]:
    """Return what rules decide on a log that is read up to one border after the other."""
    lane = Lane()
    judge = Judge(lane, judging, strict=True)
    decisions = []
    for start, stop in pairwise((0, *borders, len(records))):
        lane.append(batch_of(records[start:stop]))
        decisions += judge.advance()
    return decisions


@cache
def _long_log(seed: int) -> list[Record]:
    return _random_log(seed)


@cache
def _decided(seed: int, cut: int = 0) -> list[tuple[str, Event]]:
    """Return what all rules decide on a long log that is read `cut` records at a time, or at once.

    Several promises are about the same readings, each of which takes half a second.
    """
    records = _long_log(seed)
    return _in_order(_judged(records, range(cut, len(records), cut) if cut else ()))


def _in_order(decisions: Iterable[Decision]) -> list[tuple[str, Event]]:
    """Return decisions by row: reads of other sizes give those of one row in another order."""
    pairs = [(decision.rule, decision.event) for decision in decisions]
    return sorted(pairs, key=lambda pair: (pair[1].row, pair[0], pair[1].metric or ""))


def _look(
    rule: LiveRule[Any],
    records: Sequence[Record],
    *,
    later: float,
    process: Process = Process.ALIVE,
) -> Event | None:
    """Return what a live rule finds some seconds after the end of a log."""
    lane = Lane()
    lane.append(batch_of(records))
    judge = Judge(lane, [rule], strict=True)
    judge.advance()
    return judge.live(Moment(float(lane.times[-1]) + later, process))[rule.id]


def _thresholds(rule: AnyRule) -> tuple[Field[Any], ...]:
    return fields(rule)  # type: ignore[arg-type]  # it raises for what is no dataclass


def _worst(decisions: Sequence[Decision]) -> int:
    return max((decision.event.severity for decision in decisions), default=0)


def _random_log(seed: int, n_records: int = 1_500) -> list[Record]:  # noqa: C901, PLR0912 - one event after another
    """Return a log in which everything happens that rules must get over, each at any time."""
    rng = np.random.default_rng(seed)
    loss = 0.3 + 2.0 * np.exp(-np.arange(n_records) / 400) * rng.lognormal(0, 0.1, n_records)
    waits = rng.lognormal(np.log(0.004), 0.3, n_records)
    waits[rng.random(n_records) < 0.03] = 0.4
    grown = rng.choice((1.0, 4.0, 50.0), n_records, p=(0.97, 0.02, 0.01))
    level_from, late_from = rng.integers(0, n_records, 2)
    scale = 2.0 ** np.cumsum(rng.choice((0, -1, 1), n_records, p=(0.98, 0.01, 0.01)))
    broken = np.zeros(n_records, bool)
    for start in rng.integers(0, n_records, 5):
        broken[start : start + rng.integers(1, 6)] = True
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": {"epochs": 10, "lr": 0.1}}]
    time, step, best = 1e9, 0, 0.1
    while len(records) < n_records:
        row = len(records)
        step += 1
        time += 0.05 + float(waits[row])
        place: Record = {"step": step, "time": time}
        if rng.random() < 0.6:
            place["epoch"] = step / 100
        record: Record = {**place, "train/loss": float(loss[row] * grown[row]), "lr": 0.1}
        record["train/loss"] *= 3.0 if row > level_from else 1.0
        record["data_time"] = float(waits[row])
        record["grad_norm"] = float(grown[row])
        if row > late_from:
            record["amp/scale"] = float(scale[row])
        if broken[row]:
            record[str(rng.choice(["train/loss", "grad_norm"]))] = "NaN"
        if rng.random() < 0.05:
            del record["train/loss"]
        records.append(record)
        if rng.random() < 0.1:
            silent = rng.random() < 0.02
            for _ in range(100 if silent else 1):
                time += 1.0 if silent else 0.0
                records.append({"time": time, **_machine_at(rng, row / n_records)})
        if step % 40 == 0:
            best = float(rng.choice((best, best + 0.1, best / 2, 0.0, 0.001)))
            values = {"val/loss": 0.2 + row / n_records + rng.normal(0, 0.02), "val/f1": best}
            records.append({**place, **values, "val/auroc": 0.98})
            records.append({**place, "event": "evaluation", "n": 1000, "positives": 40})
        if rng.random() < 0.004:
            step = max(0, step - int(rng.integers(1, 200)))
            records += [{"event": "resume", "step": step}] if rng.random() < 0.5 else []
        if rng.random() < 0.002:
            records.append({"event": "phase", "name": "unfreeze"})
        if rng.random() < 0.002:
            records.append({"event": "config", "config": {"monitor": "val/f1", "num_workers": 4}})
        if rng.random() < 0.002:
            records.append({"event": "checkpoint", "step": step, "time": time})
    return records


def _machine_at(rng: np.random.Generator, progress: float) -> Record:
    """Return what a sampler tells of the machine, at no step."""
    used = {"sys/rss": 4e9 + 9e9 * progress, "sys/mem_total": 64e9, "sys/cpu": rng.random()}
    return used | {
        "sys/gpu0/util": float(rng.choice((0.4, 0.97))),
        "sys/gpu0/mem_used": 60e9 + 20e9 * progress,
        "sys/gpu0/mem_total": 80e9,
        "sys/process/cores": rng.random(),
    }


@pytest.mark.parametrize("name", rules.names())
def test_a_rule_is_one_file_named_by_its_id(name: str) -> None:
    rule = rules.load(name)
    assert rule.id == name
    assert type(rule).__module__.rpartition(".")[2] == name.replace("-", "_")


@each_rule
def test_a_rule_is_a_frozen_dataclass(rule: AnyRule) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(rule, _thresholds(rule)[0].name, None)


@each_rule
def test_a_page_has_all_headings_in_order(rule: AnyRule) -> None:
    lines = rules.page(rule.id).splitlines()
    underlined = [line for line, under in pairwise(lines) if under and set(under) == {"-"}]
    assert underlined == [*HEADINGS, "Thresholds"]


@each_rule
def test_a_page_begins_with_one_sentence(rule: AnyRule) -> None:
    first, empty, *_ = rules.page(rule.id).splitlines()
    assert first.endswith(".")
    assert not empty


@each_rule
def test_every_threshold_tells_its_reason(rule: AnyRule) -> None:
    assert all(item.metadata.get("why") for item in _thresholds(rule))


@each_rule
def test_a_rule_says_what_it_needs_and_the_code_that_logs_it(rule: AnyRule) -> None:
    assert rule.needs
    for need in rule.needs:
        assert need.signal
        assert need.roles or need.events or need.settings
        ast.parse(f"{need.log}: ..." if need.log.startswith("for ") else need.log)


@each_rule
def test_a_rule_sums_itself_up_in_one_line(rule: AnyRule) -> None:
    assert 10 < len(rule.summary) < 100
    assert "\n" not in rule.summary


@each_rule
def test_a_rule_fires_on_its_own_example(rule: AnyRule) -> None:
    looked = isinstance(rule, LiveRule) and _look(rule, rule.fires(), later=3_600)
    assert looked or _worst(replay(rule, rule.fires())) >= rule.worst


@each_rule
def test_a_rule_is_quiet_on_what_only_resembles_the_trouble(rule: AnyRule) -> None:
    assert _worst(replay(rule, rule.quiet())) < rule.worst
    if isinstance(rule, LiveRule):
        assert _look(rule, rule.quiet(), later=3_600) is None


@each_rule
def test_nothing_is_found_at_a_moment_of_which_nothing_is_known(rule: AnyRule) -> None:
    if isinstance(rule, LiveRule):
        assert _look(rule, rule.fires(), later=3_600, process=Process.UNKNOWN) is None


@each_rule
@pytest.mark.parametrize("example", ["fires", "quiet"])
def test_the_events_are_the_same_however_an_example_is_cut(rule: AnyRule, example: str) -> None:
    records: list[Record] = getattr(rule, example)()
    whole = replay(rule, records)
    for cut in CUTS:
        assert replay(rule, records, cut=cut) == whole


@each_rule
def test_a_prefix_of_an_example_has_exactly_the_events_decided_within_it(rule: AnyRule) -> None:
    records = rule.fires()
    whole = replay(rule, records)
    for length in range(1, len(records), max(3, len(records) // PREFIXES)):
        expected = [decision for decision in whole if decision.event.row < length]
        assert replay(rule, records[:length]) == expected


@each_rule
def test_an_event_is_decided_as_soon_as_its_row_is_read(rule: AnyRule) -> None:
    records = rule.fires()
    whole = replay(rule, records)
    lane = Lane()
    judge = Judge(lane, [rule], strict=True)
    for row, record in enumerate(records):
        lane.append(batch_of([record]))
        expected = [decision for decision in whole if decision.event.row == row]
        assert judge.advance() == expected


@each_rule
def test_events_come_in_order_and_no_finding_repeats_before_it_opened(rule: AnyRule) -> None:
    decisions = replay(rule, rule.fires())
    rows = [decision.event.row for decision in decisions]
    assert rows == sorted(rows)
    assert all(decision.event.onset <= decision.event.row for decision in decisions)
    first = {decision.event.metric: decision.event.kind for decision in reversed(decisions)}
    assert set(first.values()) <= {"opened"}


@pytest.mark.parametrize("seed", range(6))
def test_the_events_of_a_long_log_are_the_same_however_it_is_cut(seed: int) -> None:
    whole = _decided(seed)
    assert len({rule for rule, _ in whole}) >= 4, "the log has little to say"
    for cut in CUTS:
        assert _decided(seed, cut) == whole


@pytest.mark.parametrize("seed", range(6))
def test_a_prefix_of_a_long_log_has_exactly_the_events_decided_within_it(seed: int) -> None:
    records = _long_log(seed)
    whole = _decided(seed)
    for length in (*range(1, 300, 37), *range(300, len(records), 151)):
        expected = [pair for pair in whole if pair[1].row < length]
        assert _in_order(_judged(records[:length], ())) == expected


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cut", [1, 64])
def test_what_does_not_wake_a_rule_does_not_concern_it(seed: int, cut: int) -> None:
    records = _long_log(seed)
    borders = range(cut, len(records), cut)
    woken = _judged(records, borders, [Woken(rule) for rule in rules.all_rules()])
    assert _in_order(woken) == _decided(seed, cut)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1_000),
    borders=st.lists(st.integers(1, 699), max_size=12, unique=True).map(sorted),
)
def test_no_cut_of_any_log_changes_the_events(seed: int, borders: list[int]) -> None:
    records = _random_log(seed, 700)
    assert _in_order(_judged(records, borders)) == _in_order(_judged(records, ()))


ODD: st.SearchStrategy[object] = st.sampled_from(
    [0, 1, -1, 0.5, 1e308, -1e308, 5e-324, "NaN", "Infinity", "-Infinity", None, True, "x", {}]
)
LOGGED = st.dictionaries(
    st.sampled_from(["train/loss", "val/loss", "val/f1", "val/auroc", "lr", "grad_norm"])
    | st.sampled_from(["data_time", "amp/scale", "sys/cpu", "step", "epoch", "time"]),
    ODD,
)
TOLD = st.fixed_dictionaries(
    {"event": st.sampled_from(["config", "phase", "resume", "evaluation", "finish"])},
    optional=dict.fromkeys(("config", "epochs", "lr", "num_workers", "monitor", "n"), ODD),
)


@settings(max_examples=30)
@given(st.lists(LOGGED | TOLD, min_size=40, max_size=80))
def test_no_log_whatever_breaks_a_rule_or_its_promise(records: list[Record]) -> None:
    whole = _in_order(_judged(records, ()))
    one_by_one = _in_order(_judged(records, range(1, len(records))))
    assert str(one_by_one) == str(whole)


def test_the_table_of_rules_is_found_by_looking() -> None:
    assert rules.names() == tuple(sorted(rules.names()))
    assert [rule.id for rule in rules.all_rules()] == list(rules.names())
    assert all(inspect.getdoc(type(rule)) for rule in rules.all_rules())
