"""An evaluation of quantities: how far off, in which direction, and whether predictions vary."""

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import Array
from trainmon.writer.summaries.evaluation import Evaluation, as_metrics
from trainmon.writer.summaries.spread import spread
from trainmon.writer.summaries.usable import finite_rows

OUTPUTS_LIMIT = 16
"""Outputs told one by one: positions, angles and boxes have fewer."""

METRICS = ("r2", "mae", "rmse")
"""The errors that are drawn."""

Errors = dict[str, float | None]


def regression(targets: Array, predictions: Array) -> Evaluation:
    """Return the evaluation of predictions against targets, (n,) or (n, outputs) both.

    Of several outputs, R2 is the mean over those that vary, and the rest is of all numbers
    together. A sample counts if all its numbers are finite.
    """
    several = targets.ndim > 1
    target, prediction = targets.reshape(len(targets), -1), predictions.reshape(len(targets), -1)
    finite = finite_rows(target) & finite_rows(prediction)
    nonfinite = len(finite) - int(np.count_nonzero(finite))
    target, prediction = target[finite], prediction[finite]
    unusable = {"nonfinite": nonfinite} if nonfinite else {}
    if not target.size:
        return Evaluation({"n": 0, **unusable}, as_metrics(dict.fromkeys(METRICS)))
    errors = _errors(target, prediction)
    fields: dict[str, object] = {
        "kind": "regression",
        "n": len(target),
        **unusable,
        **errors,
        "prediction": spread(prediction),
        "target": spread(target),
    }
    if several:
        fields["outputs"] = [
            {
                **_errors(target[:, index, None], prediction[:, index, None]),
                "prediction": spread(prediction[:, index]),
                "target": spread(target[:, index]),
            }
            for index in range(min(target.shape[1], OUTPUTS_LIMIT))
        ]
    metrics = as_metrics({name: errors[name] for name in METRICS})
    return Evaluation(fields, metrics)


def _errors(target: Array, prediction: Array) -> Errors:
    """Return the errors of finite predictions (n, outputs)."""
    error = np.subtract(prediction, target, dtype=np.float64)
    squares = np.square(error)
    return {
        "r2": _r2(target, squares),
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt(squares.mean())),
        "bias": float(error.mean()),
    }


def _r2(target: Array, squares: NDArray[np.float64]) -> float | None:
    """Return the share of the targets' variance that is explained; None if none varies."""
    mean = target.mean(axis=0, dtype=np.float64)
    total = np.square(target - mean).sum(axis=0)
    varying = (total > 0) & (target != target[0]).any(axis=0)
    if not varying.any():
        return None
    return float((1 - squares.sum(axis=0)[varying] / total[varying]).mean())
