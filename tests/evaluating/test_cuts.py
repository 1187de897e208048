"""Thresholds at the wrong place, by counts and scores or by metrics alone."""

from typing import Any

import pytest

from trainmon.evaluating.cuts import CountedCuts, Cut, ImpliedCuts
from trainmon.evaluating.event import EvaluationEvent
from trainmon.rules import load
from trainmon.threshold import thresholds

COUNTED = thresholds(CountedCuts, load("threshold-mismatch"))
IMPLIED = thresholds(ImpliedCuts, load("threshold-mismatch"))


def _cut(confusion: list[list[int]], **fields: Any) -> Cut | None:  # noqa: ANN401 - as in a log
    n = sum(map(sum, confusion))
    told = {"kind": "binary", "n": n, "confusion": confusion, **fields}
    return COUNTED.cut(EvaluationEvent.of(told))


def test_a_chosen_threshold_below_all_scores_is_sure() -> None:
    bins = {"low": 0.0, "high": 1.0, "counts": [0, 0, 0, 0, 51, 49, 0, 0, 0, 0]}
    cut = _cut([[0, 560], [0, 440]], threshold=0.3, histogram=bins)
    assert cut is not None
    assert cut.sure
    assert cut.title == "100 % are predicted positive at a threshold of 0.3 where 44 % are"


def test_a_default_threshold_that_finds_nothing_is_no_fault_of_its_own() -> None:
    assert _cut([[950, 0], [50, 0]], threshold=0.5, best_f1=0.1, best_threshold=0.01) is None


def test_scores_that_rank_and_of_which_few_are_found_ask_for_another_threshold() -> None:
    cut = _cut([[9_500, 0], [490, 10]], threshold=0.5, best_f1=0.8, best_threshold=0.02)
    assert cut is not None
    assert "0.02 has an F1 of 0.8" in cut.title


def test_a_handful_of_positives_tells_nothing() -> None:
    assert _cut([[0, 995], [0, 5]], threshold=0.3) is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"auroc": 0.95, "f1": 0.0}, "nothing"),
        ({"auroc": 0.95, "recall": 1.0, "precision": 0.4, "accuracy": 0.4}, "everything"),
        ({"auroc": 0.6, "f1": 0.0}, None),
        ({"auroc": 0.95, "recall": 1.0, "precision": 0.4, "accuracy": 0.7}, None),
    ],
)
def test_metrics_alone_tell_that_nothing_or_everything_is_found(
    values: dict[str, float], found: str | None
) -> None:
    cut = IMPLIED.cut("val/f1", values)
    assert (cut and cut.title) == (
        found and f"val/f1 is that of {found} found, while AUROC is {values['auroc']:.3g}"
    )
