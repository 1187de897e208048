"""Evaluations as real projects had them: what went wrong must be readable from one event."""

from typing import Any

import numpy as np
import pytest

from trainmon.writer.summaries.evaluate import evaluate


def test_a_label_index_that_is_not_there_is_counted_and_told() -> None:
    labels = np.repeat([0, 2], [356_720, 276_320])
    evaluation = evaluate("val", labels, np.full(633_040, -0.3), metrics={"f1": 0.0})
    fields = evaluation.fields
    assert fields["labels_out_of_range"] == 276_320
    assert fields["strange_labels"] == [2.0]
    assert fields["positives"] == 0
    assert fields["metrics"] == {"f1": 0.0}
    assert (
        "276,320 of 633,040 labels are out of range for 2 classes" in evaluation.notices["labels"]
    )


def test_a_measured_f1_of_0_contradicts_positives_that_are_all_found() -> None:
    labels = np.repeat([0, 1], [5_635, 4_365])
    fields = evaluate("val", labels, np.full(10_000, 0.9), metrics={"f1": 0.0}).fields
    assert fields["accuracy"] == fields["prevalence"] == 0.4365
    assert fields["f1"] == pytest.approx(2 * 0.4365 / 1.4365)
    assert fields["metrics"] == {"f1": 0.0}


def test_a_subset_without_positives_says_so() -> None:
    fields = evaluate("val", np.zeros(327_680), np.full(327_680, 0.2)).fields
    assert (fields["n"], fields["positives"]) == (327_680, 0)


def test_too_many_positives_show_in_the_shares() -> None:
    labels = np.repeat([1, 0], [3_707, 2_437])
    scores = np.repeat([0.9, 0.1], [5_958, 186])
    fields: dict[str, Any] = dict(evaluate("val", labels, scores).fields)
    assert fields["predicted_shares"][1] == pytest.approx(0.9697, abs=1e-4)
    assert fields["actual_shares"][1] == pytest.approx(0.6034, abs=1e-4)


def test_scores_on_one_side_of_the_threshold_show_that_another_one_is_better() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(20_000) < 0.4365
    scores = 0.5 + 0.02 * (labels - 0.5) + rng.normal(0, 0.005, 20_000)
    fields: dict[str, Any] = dict(evaluate("val", labels, scores, threshold=0.3).fields)
    assert fields["predicted_shares"] == [0.0, 1.0]
    assert fields["best_f1"] > 0.95
    assert fields["best_threshold"] == pytest.approx(0.5, abs=0.005)
    assert sum(fields["histogram"]["counts"][:3]) == 0


def test_a_tail_that_is_gone_shows_while_the_ranking_stays() -> None:
    rng = np.random.default_rng(0)
    negative, positive = rng.random(100_000), 0.99 + 0.01 * rng.random(20_000)
    negative[:50] = 1.0
    labels = np.repeat([0, 1], [100_000, 20_000])
    fields: dict[str, Any] = dict(evaluate("val", labels, np.append(negative, positive)).fields)
    assert fields["auroc"] > 0.99
    assert fields["operating_points"]["tpr@fpr1e-4"] == {"rate": 0.0, "threshold": None}
    assert fields["quantiles"]["negative"][-3:] == [1.0, 1.0, 1.0]


def test_a_handful_of_different_scores_shows_as_equal_operating_points() -> None:
    labels = np.repeat([0, 1], [5_000, 5_000])
    scores = np.concatenate(
        (np.repeat([0.2, 0.8], [4_990, 10]), np.repeat([0.2, 0.8], [500, 4_500]))
    )
    fields: dict[str, Any] = dict(evaluate("val", labels, scores).fields)
    points = fields["operating_points"]
    assert fields["unique"] == 2
    assert {points[f"fpr@tpr{x}"]["rate"] for x in (".5", ".7", ".85")} == {0.002}
