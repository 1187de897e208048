"""Evaluations of quantities, beside scikit-learn's and at their edges."""

import json
import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from trainmon.roles import Direction, role_of
from trainmon.writer.summaries.evaluate import evaluate

RNG = np.random.default_rng(0)


def fields_of(targets: object, predictions: object) -> dict[str, Any]:
    return dict(evaluate("val", targets, predictions, kind="regression").fields)


@pytest.mark.parametrize("shape", [(500,), (500, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_errors_are_those_of_scikit_learn(
    shape: tuple[int, ...], dtype: type[np.floating[Any]]
) -> None:
    targets = RNG.normal(5, 2, shape).astype(dtype)
    predictions = (targets + RNG.normal(0.5, 1, shape)).astype(dtype)
    fields = fields_of(targets, predictions)
    assert fields["r2"] == pytest.approx(sk.r2_score(targets, predictions), rel=1e-5)
    assert fields["mae"] == pytest.approx(sk.mean_absolute_error(targets, predictions), rel=1e-5)
    squared = sk.mean_squared_error(targets, predictions)
    assert fields["rmse"] == pytest.approx(math.sqrt(squared), rel=1e-5)
    assert fields["bias"] == pytest.approx(float((predictions - targets).mean()), rel=1e-4)


def test_both_distributions_are_told() -> None:
    fields = fields_of(np.arange(101.0), np.full(101, 3.0))
    assert fields["target"]["mean"] == 50.0
    assert fields["target"]["quantiles"] == {
        "shares": [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0],
        "values": [0.0, 1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0, 100.0],
    }
    assert fields["prediction"]["std"] == 0.0
    assert set(fields["prediction"]["quantiles"]["values"]) == {3.0}


@pytest.mark.parametrize("level", [0.0, 0.1, 1e8])
def test_a_constant_target_has_no_r2(level: float) -> None:
    evaluation = evaluate("val", np.full(7, level), np.arange(7.0), kind="regression")
    assert evaluation.fields["r2"] is None
    assert str(evaluation.metrics["val/r2"]) == "nan"


def test_each_of_several_outputs_is_told() -> None:
    targets = np.stack((np.arange(5.0), np.full(5, 2.5)), axis=1)
    fields = fields_of(targets, targets + np.array([0.0, 1.0]))
    assert [output["bias"] for output in fields["outputs"]] == [0.0, 1.0]
    assert [output["r2"] for output in fields["outputs"]] == [1.0, None]
    assert fields["r2"] == 1.0


@pytest.mark.parametrize("side", ["targets", "predictions"])
def test_samples_that_are_not_finite_are_counted_and_left_out(side: str) -> None:
    whole, holed = [0.5, 1.5, 2.5, 3.5], [0.5, math.nan, math.inf, 3.5]
    given = {"targets": whole, "predictions": whole} | {side: holed}
    fields = fields_of(given["targets"], given["predictions"])
    assert (fields["n"], fields["nonfinite"], fields["mae"]) == (2, 2, 0.0)


def test_nothing_finite_leaves_the_counts() -> None:
    assert fields_of([math.nan], [0.5]) == {"split": "val", "n": 0, "nonfinite": 1}


def test_large_levels_do_not_drown_small_errors() -> None:
    targets = np.float32(1e6) + np.arange(1_000, dtype=np.float32)
    fields = fields_of(targets, targets + np.float32(1))
    assert fields["r2"] == pytest.approx(1 - 1 / targets.astype(float).var())
    assert fields["bias"] == 1.0


def test_the_fields_are_plain_json_and_the_metrics_have_directions() -> None:
    evaluation = evaluate("val", RNG.normal(size=(9, 2)), RNG.normal(size=(9, 2)))
    assert json.loads(json.dumps(evaluation.fields)) == evaluation.fields
    directions = {name: role_of(name).direction for name in evaluation.metrics}
    assert directions == {
        "val/r2": Direction.HIGHER,
        "val/mae": Direction.LOWER,
        "val/rmse": Direction.LOWER,
    }
