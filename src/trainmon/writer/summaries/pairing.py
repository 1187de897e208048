"""Targets and scores as a pair that belongs together, and the kind of task that they are of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np

from trainmon.writer.summaries.arrays import Array, Floats, array, floats

Kind = Literal["binary", "multiclass", "multilabel", "regression"]

TABLE: Final = 2
"""Axes of scores that have one column per class, label or output."""

BINARY: Final = 2
"""Columns of scores that are of two classes."""

MOSTLY: Final = 0.5
"""The share of targets from which on being 0 or 1 makes them labels. The others are then strays,
such as the index of a class that is not there, or -100 for "ignore"."""

SUM_SLACK: Final = 0.02
"""How far from 1 the probabilities of a sample may add up: bfloat16 is that coarse."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Targets and scores of one kind.

    Binary: (n,) and (n,). Multi-class: class indices (n,) and scores (n, classes). Multi-label:
    (n, labels) twice. Regression: (n,) or (n, outputs) twice.
    """

    kind: Kind
    targets: Array
    scores: Array


def pair(targets: object, scores: object, kind: Kind | None = None) -> Pair:
    """Return targets and scores in the shapes of `Pair`, of the kind given or that they look like.

    Images and sequences are taken element by element, be the classes the second axis or the last.
    Targets may be one-hot. Two columns of scores are binary: the second column, or where they are
    no probabilities the sigmoid of its distance to the first. Raises `ValueError` if the shapes do
    not go together or not with the kind.

    >>> pair([0, 1, 2], np.eye(3)).kind, pair([0.5, 2.5], [0.4, 2.0]).kind
    ('multiclass', 'regression')
    """
    if kind is not None and kind not in get_args(Kind):
        raise ValueError(f"no kind {kind!r}; there are: {', '.join(get_args(Kind))}")
    target, score = _aligned(array(targets, "targets"), floats(array(scores, "scores")))
    if kind is None:
        kind = (_kind_of_equals if target.ndim == score.ndim else _kind_of_classes)(target, score)
    shaped = _SHAPES[kind](target, score)
    if shaped is None:
        raise ValueError(f"{_shapes(target, score)} cannot be {kind}")
    return Pair(kind, *shaped)


def are_probabilities(scores: Array) -> bool:
    """Return whether finite scores lie between 0 and 1.

    >>> are_probabilities(np.array([0.0, 0.3])), are_probabilities(np.array([-2.0, 0.3]))
    (True, False)
    """
    return bool(scores.size == 0 or (scores.min() >= 0 and scores.max() <= 1))


def are_distributions(scores: Array) -> bool:
    """Return whether finite scores (n, classes) are probabilities that add up to 1."""
    return are_probabilities(scores) and bool((np.abs(scores.sum(axis=1) - 1) <= SUM_SLACK).all())


def without_column(values: Any) -> Any:  # noqa: ANN401 - a tensor of any library
    """Return values (n, 1, ...) or (..., 1) without the axis that has but one element."""
    for axis in (1, -1):
        if len(values.shape) > 1 and values.shape[axis] == 1:
            return values.squeeze(axis)
    return values


def _aligned(targets: Array, scores: Array) -> tuple[Array, Array]:
    """Return both with samples first and, where classes have scores of their own, these last."""
    targets, scores = without_column(targets), without_column(scores)
    if targets.shape == scores.shape:
        shape = scores.shape if scores.ndim == TABLE else (-1,)
        return targets.reshape(shape), scores.reshape(shape)
    if scores.ndim == targets.ndim + 1:
        if scores.shape[:1] + scores.shape[2:] == targets.shape:
            scores = np.moveaxis(scores, 1, -1)
        if scores.shape[:-1] == targets.shape:
            return targets.reshape(-1), scores.reshape(-1, scores.shape[-1])
    raise ValueError(f"{_shapes(targets, scores)} do not go together")


def _kind_of_equals(targets: Array, scores: Array) -> Kind:
    """Return the kind of targets that have the shape of the scores."""
    if not _are_whole(targets):
        return "regression"
    labels = _share_of_zeros_and_ones(targets)
    if targets.ndim == TABLE:
        if labels == 1 and (targets.sum(axis=1) == 1).all():
            return "binary" if targets.shape[1] == BINARY else "multiclass"
        return "multilabel" if labels >= MOSTLY else "regression"
    probabilities = are_probabilities(_finite(scores))
    if targets.dtype.kind in "iu" and _are_whole(scores) and labels < 1 and not probabilities:
        raise ValueError(
            "scores look like class indices; give the scores of all classes (n, classes), "
            "or kind='regression' if they are quantities"
        )
    if labels >= MOSTLY or _are_two_values(targets) or probabilities:
        return "binary"
    return "regression"


def _kind_of_classes(targets: Array, scores: Array) -> Kind:
    """Return the kind of targets that have one class index per row of scores."""
    if not _are_whole(targets):
        raise ValueError(f"{_shapes(targets, scores)} want class indices, not fractions")
    return "binary" if scores.shape[1] == BINARY else "multiclass"


def _are_whole(targets: Array) -> bool:
    known = _finite(targets)
    return targets.dtype.kind != "f" or bool((np.floor(known) == known).all())


def _share_of_zeros_and_ones(targets: Array) -> float:
    known = _finite(targets)
    return np.count_nonzero((known == 0) | (known == 1)) / max(known.size, 1)


def _are_two_values(targets: Array) -> bool:
    known = _finite(targets)
    return bool(known.size and ((known == known.min()) | (known == known.max())).all())


def _finite(values: Array) -> Array:
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def _binary(targets: Array, scores: Array) -> tuple[Array, Array] | None:
    if scores.ndim == 1:
        return targets, scores
    if scores.shape[1] != BINARY:
        return None
    return _indices(targets), _second_of_two(scores)


def _multiclass(targets: Array, scores: Array) -> tuple[Array, Array] | None:
    return (_indices(targets), scores) if scores.ndim == TABLE else None


def _multilabel(targets: Array, scores: Array) -> tuple[Array, Array] | None:
    if targets.ndim != scores.ndim:
        return None
    return (targets, scores) if scores.ndim == TABLE else (targets[:, None], scores[:, None])


def _regression(targets: Array, scores: Array) -> tuple[Array, Array] | None:
    return (targets, scores) if targets.ndim == scores.ndim else None


_SHAPES: Final[dict[Kind, Callable[[Array, Array], tuple[Array, Array] | None]]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "multilabel": _multilabel,
    "regression": _regression,
}


def _indices(targets: Array) -> Array:
    """Return class indices (n,) of themselves or of one-hot targets (n, classes)."""
    return targets if targets.ndim == 1 else targets.argmax(axis=1)


def _second_of_two(scores: Array) -> Array:
    """Return the probability (n,) of the second of two classes (n, 2)."""
    first, second = scores[:, 0], scores[:, 1]
    if are_distributions(scores[np.isfinite(first) & np.isfinite(second)]):
        return second
    # In float64 different logits stay different up to a distance of 36, in float32 up to 16.
    odds: Floats = np.exp(np.subtract(first, second, dtype=np.float64))
    share: Floats = 1 / (1 + odds)
    return share


def _shapes(targets: Array, scores: Array) -> str:
    return f"targets of shape {targets.shape} and scores of shape {scores.shape}"
