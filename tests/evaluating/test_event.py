"""Evaluations are read whatever their events hold, and as the writer tells them."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainmon.evaluating.event import EvaluationEvent
from trainmon.writer.summaries.evaluate import evaluate

FIELDS = (
    *("split", "kind", "n", "positives", "prevalence", "threshold", "confusion", "accuracy", "f1"),
    *("predicted_shares", "actual_shares", "best_threshold", "best_f1", "histogram", "quantiles"),
    *("metrics", "labels", "labels_out_of_range", "strange_labels", "never_occurring"),
)

ANYTHING: st.SearchStrategy[object] = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 0.5, 1e308, 10**30, "NaN", "0.5", "x", "binary", "multilabel"),
        *([], [0.4, 0.6], [1, 2], [[1, 2], [3, 4]], [[1], [2, 3]], [[0, 0], [0, 0]], ["x"], [{}]),
        *({}, {"low": 0, "high": 1, "counts": [1, 0]}, {"positive": [1, "x"], "negative": None}),
        {"low": 0, "high": 0, "counts": "x"},
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_event_whatever_breaks_the_reading(fields: dict[str, object]) -> None:
    told = EvaluationEvent.of(fields)
    assert all(0 <= share <= 1 for share in (*told.actual, *told.predicted))
    assert told.n is None or told.n >= 0
    low, high = told.score_range
    assert (low is None) == (high is None)
    assert told.positive_count is None or told.positive_count >= 0


def test_what_the_writer_tells_of_two_classes_is_understood() -> None:
    targets, scores = np.repeat([0, 1], [60, 40]), np.linspace(0.2, 0.8, 100)
    told = EvaluationEvent.of(evaluate("val", targets, scores).fields)
    assert told.binary
    assert (told.split, told.n, told.positive_count, told.threshold) == ("val", 100, 40, 0.5)
    assert told.actual == (0.6, 0.4)
    assert told.predicted == (0.5, 0.5)
    assert told.score_range == (0.2, 0.8)
    assert told.rates["accuracy"] == 0.9


def test_what_the_writer_tells_of_several_classes_is_understood() -> None:
    targets = np.repeat([0, 1, 2], 10)
    told = EvaluationEvent.of(evaluate("test", targets, np.eye(3)[targets]).fields)
    assert (told.kind, len(told.confusion)) == ("multiclass", 3)
    assert told.positive_count is None


def test_labels_that_do_not_exclude_each_other_have_no_shares_of_one_whole() -> None:
    targets = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 0], [0, 0, 1]])
    told = EvaluationEvent.of(evaluate("val", targets, targets * 0.9, kind="multilabel").fields)
    assert told.confusion == ()
    assert (told.actual, told.predicted) == ((), ())
    assert (told.labels, told.never_occurring) == (3, 1)


def test_counts_alone_suggest_two_classes() -> None:
    told = EvaluationEvent.of({"n": 200, "positives": 50})
    assert told.binary
    assert told.actual == (0.75, 0.25)
