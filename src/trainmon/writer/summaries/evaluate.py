"""The one entry to evaluations: any targets and scores in, an `Evaluation` out."""

from collections.abc import Mapping
from math import isnan
from typing import assert_never

import numpy as np

from trainmon.writer.summaries.binary import binary
from trainmon.writer.summaries.evaluation import Evaluation
from trainmon.writer.summaries.multiclass import multiclass
from trainmon.writer.summaries.multilabel import multilabel
from trainmon.writer.summaries.pairing import Kind, Pair, pair
from trainmon.writer.summaries.regression import regression


@np.errstate(all="ignore")  # overflow and 0/0 in odd data are results here, not news for the user
def evaluate(
    split: str,
    targets: object,
    scores: object,
    threshold: float = 0.5,
    metrics: Mapping[str, object] | None = None,
    kind: Kind | None = None,
) -> Evaluation:
    """Return what an evaluation of `split` comes to.

    `targets` and `scores` are tensors, arrays, lists, or lists of those, batch by batch; `pair`
    says how their kind is told. The metrics are named ``<split>/<name>``; those given join the
    computed ones and win. Raises `ValueError` for what cannot be evaluated.

    >>> evaluate("val", [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]).fields["confusion"]
    [[1, 1], [1, 1]]
    """
    judged = _of_kind(pair(targets, scores, kind), _number(threshold))
    fields = {"split": split, **judged.fields}
    if metrics:
        fields["metrics"] = dict(metrics)
    all_metrics = series(split, judged.metrics) | series(split, metrics or {})
    return Evaluation(fields, all_metrics, judged.notices)


def series(split: str, metrics: Mapping[str, object]) -> dict[str, object]:
    """Return metrics by the names of their series.

    >>> series("val", {"f1": 0.5, "val/loss": 0.3})
    {'val/f1': 0.5, 'val/loss': 0.3}
    """
    start = f"{split}/"
    return {
        name if str(name).startswith(start) else f"{start}{name}": value
        for name, value in metrics.items()
    }


def _of_kind(given: Pair, threshold: float) -> Evaluation:
    if not len(given.scores):
        return Evaluation({"n": 0}, {})
    match given.kind:
        case "binary":
            return binary(given.targets, given.scores, threshold)
        case "multiclass":
            return multiclass(given.targets, given.scores)
        case "multilabel":
            return multilabel(given.targets, given.scores, threshold)
        case "regression":
            return regression(given.targets, given.scores)
    assert_never(given.kind)


def _number(threshold: float) -> float:
    try:
        number = float(threshold)
    except (TypeError, ValueError):
        raise ValueError(f"the threshold is {threshold!r}, not a number") from None
    if isnan(number):
        raise ValueError("the threshold is not a number")
    return number
