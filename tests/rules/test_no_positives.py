"""The rule for evaluations without an example of the class that they measure."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("no-positives")


def _events(*evaluations: Record, **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch, told in enumerate(evaluations, 1):
        records.append({"event": "evaluation", "split": "val", "epoch": epoch, **told})
    return [decision.event for decision in replay(RULE, records)]


def test_none_among_many_is_a_warning_at_once() -> None:
    first, *rest = _events({"n": 327_680, "positives": 0}, {"n": 327_680, "positives": 0})
    assert (first.severity.word, first.row, first.metric) == ("warning", 1, "val/f1")
    assert not [event for event in rest if event.kind == "worsened"]


def test_none_among_few_may_be_an_accident_of_one_draw() -> None:
    told = _events({"n": 100, "positives": 0}, {"n": 100, "positives": 2})
    assert [(e.kind.value, e.severity.word) for e in told] == [
        ("opened", "info"),
        ("cleared", "info"),
    ]
    *_, second = _events({"n": 100, "positives": 0}, {"n": 100, "positives": 0})
    assert second.severity.word == "warning"


@pytest.mark.parametrize(
    "told",
    [
        {"n": 5_000, "confusion": [[4_000, 1_000], [0, 0]]},
        {"n": 5_000, "actual_shares": [1.0, 0.0]},
        {"n": 5_000, "kind": "multilabel", "labels": 7, "never_occurring": 7},
    ],
)
def test_it_is_seen_in_whatever_counts(told: Record) -> None:
    assert _events(told)[0].severity.word == "warning"


@pytest.mark.parametrize(
    "told",
    [
        {"n": 5_000, "positives": 40},
        {"n": 0, "positives": 0},
        {"n": 5_000, "kind": "multiclass", "actual_shares": [1.0, 0.0, 0.0]},
        {"n": 5_000, "kind": "regression"},
        {"positives": "many", "n": []},
    ],
)
def test_it_is_no_question_where_positives_are_there_or_not_counted(told: Record) -> None:
    assert not _events(told, told, told)


def test_it_says_how_many_were_to_be_expected_and_that_the_batches_are_whole() -> None:
    evidence = _events({"n": 8_192, "positives": 0}, batch_size=256, class_counts=[900, 100])[
        0
    ].evidence
    assert evidence["expected_positives"] == pytest.approx(819.2)
    assert evidence["batches"] == 32


def test_a_metric_that_counts_them_tells_it_as_well() -> None:
    records: list[Record] = [{"epoch": n, "val/positives": 0} for n in range(3)]
    assert replay(RULE, records)[-1].event.severity.word == "warning"


def test_positives_that_a_metric_counts_are_as_good_as_an_event() -> None:
    records: list[Record] = [
        {"step": 100 * n, "epoch": n, "val/loss": 0.3, "val/n_pos": 0.0} for n in range(1, 4)
    ]
    told = [decision.event for decision in replay(load("no-positives"), records)]
    assert [event.severity.word for event in told[:2]] == ["info", "warning"]
