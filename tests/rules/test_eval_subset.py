"""The rule for evaluations on a part of the data that is not like the whole."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("eval-subset")


def _events(told: Record, **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    records += [{"event": "evaluation", "split": "val", "epoch": n, **told} for n in (1, 2)]
    return [decision.event for decision in replay(RULE, records)]


def test_a_class_that_is_missing_under_a_limit_is_a_warning_at_once() -> None:
    event = _events({"n": 1_280, "positives": 0}, eval_limit=40, batch_size=32)[0]
    assert (event.severity.word, event.evidence["reason"]) == ("warning", "class missing")
    assert (event.evidence["limit"], event.evidence["batches"]) == (40, 40)


def test_lightnings_name_for_the_limit_is_known_and_its_default_is_none() -> None:
    told = {"n": 3_200, "actual_shares": [0.5, 0.5, 0.0]}
    assert _events(told, limit_val_batches=50)[0].severity.word == "warning"
    assert not _events(told, limit_val_batches=1.0)


def test_whole_batches_without_a_positive_are_the_first_ones() -> None:
    event = _events({"n": 327_680, "positives": 0}, batch_size=8_192)[0]
    assert (event.severity.word, event.evidence["batches"]) == ("warning", 40)
    assert not _events({"n": 327_681, "positives": 0}, batch_size=8_192)


def test_a_missing_class_is_held_against_what_is_trained_on() -> None:
    event = _events({"n": 5_001, "positives": 0}, class_counts=[900, 100])[0]
    assert event.severity.word == "info"
    assert event.evidence["expected"] == pytest.approx(500.1)
    assert not _events({"n": 101, "positives": 0}, class_counts=[900, 100])


def test_shares_that_differ_are_info_and_a_warning_under_a_limit() -> None:
    told = {"n": 5_000, "positives": 2_500}
    event = _events(told, class_counts={"0": 90_000, "1": 10_000})[0]
    assert (event.severity.word, event.evidence["reason"]) == ("info", "shares differ")
    assert event.evidence["p"] < 1e-6
    limited = _events(told, class_counts={"0": 90_000, "1": 10_000}, eval_limit=5_000)
    assert limited[0].severity.word == "warning"


def test_a_draw_that_differs_by_chance_is_ordinary() -> None:
    assert not _events({"n": 100, "positives": 18}, class_counts=[900, 100], eval_limit=100)


def test_many_rare_classes_do_not_add_up_to_a_difference() -> None:
    told = {"n": 2_000, "kind": "multiclass", "actual_shares": [0.0, *[1 / 499] * 499]}
    assert not _events(told, class_counts=[1_300] * 500)


def test_fewer_than_five_positives_say_nothing() -> None:
    event = _events({"n": 300, "positives": 4})[0]
    assert (event.severity.word, event.evidence["reason"]) == ("info", "few positives")
    assert not _events({"n": 300, "positives": 5})


def test_a_limit_above_the_size_of_the_set_limits_nothing() -> None:
    assert not _events({"n": 300, "actual_shares": [0.5, 0.5, 0]}, eval_limit=1_000)


def test_a_set_that_was_told_to_be_larger_is_limited() -> None:
    told = {"n": 300, "actual_shares": [0.5, 0.5, 0]}
    assert _events(told, val_samples=10_000)[0].evidence["limit"] == 300


def test_labels_that_no_class_has_are_another_matter() -> None:
    strays = {"labels_out_of_range": 500, "strange_labels": [2.0]}
    assert not _events({"n": 1_280, "positives": 0, **strays}, eval_limit=40, batch_size=32)
