"""What comes out of the model: how wide, how sure, and whether it is the same for all samples."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainmon.writer.summaries.arrays import Array, Floats, array, floats
from trainmon.writer.summaries.pairing import (
    Pair,
    are_distributions,
    are_probabilities,
    pair,
    without_column,
)
from trainmon.writer.summaries.thinning import steps
from trainmon.writer.summaries.usable import finite_rows, in_range, usable

NUMBERS = 1_000_000
"""Numbers of the outputs that are looked at: some 10 ms, a few times in a run."""

CLASSES_LIMIT = 1_000
"""Classes up to which shares are told, some 40 kB of the log."""


@np.errstate(all="ignore")  # what overflows is told as infinite
def outputs(logits: object, targets: object = None) -> dict[str, object]:
    """Return the fields of an ``outputs`` event: what a model answers to a batch.

    `logits` are (n,), (n, classes) or the like; they may be probabilities or predictions as well.
    `targets` are as in an evaluation; without them (n, classes) are taken for classes. A head that
    has collapsed shows in ``identical``, the share of samples answered like the first, and in a
    ``std_over_samples`` far below ``std``. Raises `ValueError` for what is no numbers, and if
    logits and targets do not go together.

    >>> told = outputs([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]], targets=[0, 1, 1])
    >>> told["identical"], told["predicted_shares"]
    (1.0, [1.0, 0.0])
    """
    given = _tensor(logits, "logits")
    answers = without_column(given)
    labels = None if targets is None else without_column(_tensor(targets, "targets"))
    axis = _class_axis(answers.shape, None if labels is None else labels.shape)
    taken = steps(answers.shape, NUMBERS, axis)
    values = floats(array(answers[taken], "logits"))
    if axis is not None:
        values = np.moveaxis(values, axis, -1).reshape(-1, values.shape[axis] or 1)
    rows = _finite(values)
    fields: dict[str, object] = {
        "n": int(given.shape[0]) if len(given.shape) else 1,
        "shape": [int(length) for length in given.shape],
        "dtype": str(given.dtype).removeprefix("torch."),
        "nonfinite": int(values.size - np.count_nonzero(np.isfinite(values))),
        **_ranges(rows),
    }
    if labels is not None:
        # What is known already stays: here ``nonfinite`` counts numbers, there samples.
        return _shares(pair(_of_the_same(labels, taken, axis), values)) | fields
    return fields if axis is None or not len(rows) else fields | _predicted(_distribution(rows))


def _tensor(value: object, what: str) -> Any:  # noqa: ANN401 - a tensor of any library
    return value if hasattr(value, "shape") else array(value, what)


def _class_axis(shape: Sequence[int], labels: Sequence[int] | None) -> int | None:
    """Return the axis of classes; None if each number is an answer by itself."""
    last = len(shape) - 1
    if last == 1:
        return 1
    if labels is None or last < 1 or len(labels) != last:
        return None
    return 1 if [*shape[:1], *shape[2:]] == list(labels) else last


def _of_the_same(labels: Any, taken: tuple[slice, ...], axis: int | None) -> Array:  # noqa: ANN401 - as above
    """Return the targets of the answers that were taken."""
    if axis is not None and len(labels.shape) == len(taken) - 1:
        return array(labels[taken[:axis] + taken[axis + 1 :]], "targets").reshape(-1)
    return array(labels[taken] if len(labels.shape) == len(taken) else labels, "targets")


def _finite(values: Array) -> Array:
    """Return the samples (n, numbers) that are finite."""
    if not values.size:
        return np.empty((0, 1))
    rows = values.reshape(len(values) if values.ndim else 1, -1)
    return rows[finite_rows(rows)]


def _ranges(rows: Array) -> dict[str, object]:
    """Return what is told of outputs whatever they mean."""
    if not rows.size:
        return {}
    return {
        "min": float(rows.min()),
        "max": float(rows.max()),
        "mean": float(rows.mean(dtype=np.float64)),
        "std": float(rows.std(dtype=np.float64)),
        "spread": float(np.median(np.ptp(rows, axis=1))) if rows.shape[1] > 1 else None,
        "std_over_samples": float(rows.std(axis=0, dtype=np.float64).mean()),
        "identical": float((rows == rows[0]).all(axis=1).mean()),
    }


def _shares(given: Pair) -> dict[str, object]:
    """Return what is predicted beside what is true, where there are classes or labels."""
    if given.kind == "regression" or not given.scores.size:
        return {}
    if given.kind == "multilabel":
        return _of_labels(given.targets, given.scores)
    classes = 2 if given.kind == "binary" else given.scores.shape[1]
    kept = usable(given.targets, given.scores, classes)
    if not len(kept.labels):
        return dict(kept.left_out)
    if given.kind == "binary":
        positive = _probabilities(kept.scores)
        shares = np.stack((1 - positive, positive), axis=1)
    else:
        shares = _distribution(kept.scores)
    fields = {**kept.left_out, **_predicted(shares)}
    if classes <= CLASSES_LIMIT:
        counts = np.bincount(kept.labels, minlength=classes)
        fields["label_shares"] = (counts / len(kept.labels)).tolist()
    return fields


def _predicted(shares: Floats) -> dict[str, object]:
    """Return mean entropy (nats) and predicted shares of probabilities (n, classes)."""
    n, classes = shares.shape
    surprise = shares * np.log(np.where(shares > 0, shares, 1))
    fields: dict[str, object] = {"entropy": max(float(-surprise.sum(axis=1).mean()), 0.0)}
    if classes <= CLASSES_LIMIT:
        counts = np.bincount(shares.argmax(axis=1), minlength=classes)
        fields["predicted_shares"] = (counts / n).tolist()
    return fields


def _of_labels(targets: Array, scores: Array) -> dict[str, object]:
    """Return the share of samples that have each label, predicted and true."""
    known = in_range(targets, 2) & np.isfinite(scores)
    counts = np.maximum(np.count_nonzero(known, axis=0), 1)[:CLASSES_LIMIT]
    border = 0.5 if are_probabilities(scores[known]) else 0.0
    shares = {"predicted_shares": scores >= border, "label_shares": targets == 1}
    return {
        name: (np.count_nonzero(having & known, axis=0)[:CLASSES_LIMIT] / counts).tolist()
        for name, having in shares.items()
    }


def _probabilities(scores: Array) -> Floats:
    """Return scores (n,) as probabilities, by the sigmoid if they are logits."""
    return scores if are_probabilities(scores) else 1 / (1 + np.exp(-scores.astype(np.float64)))


def _distribution(scores: Array) -> Floats:
    """Return scores (n, classes) as probabilities, by softmax if they are logits."""
    if are_distributions(scores):
        return scores
    weights = np.exp((scores - scores.max(axis=1, keepdims=True)).astype(np.float64))
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares
