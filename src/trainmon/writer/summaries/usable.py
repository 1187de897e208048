"""Which samples an evaluation counts: those with a known label and finite scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import Array

IGNORED = -100
"""The label that losses of torch leave out by default: ordinary, so nobody is told of it."""

STRAYS_LOOKED_AT = 10_000
"""Labels out of range that are looked at for which values they have."""

STRAYS_SHOWN = 5
"""Different values of them that are told."""


@dataclass(frozen=True, slots=True)
class Usable:
    """Labels and scores that count, and what was left out."""

    labels: NDArray[np.intp]
    """Class indices from 0."""
    scores: Array
    """As many, (n,) or (n, classes), all finite."""
    left_out: dict[str, object]
    """Fields of the event: how many were left out for what, if any."""
    notices: dict[str, str]


def usable(labels: Array, scores: Array, classes: int) -> Usable:
    """Return the samples with a label from 0 to `classes` - 1 and finite scores.

    A sample that lacks both counts as one with a label out of range, so that the counts of what is
    left out add up with `n` to what was given.
    """
    known = in_range(labels, classes)
    strays = labels[~known]
    if strays.size:
        labels, scores = labels[known], scores[known]
    finite = finite_rows(scores)
    nonfinite = len(finite) - int(np.count_nonzero(finite))
    if nonfinite:
        labels, scores = labels[finite], scores[finite]
    return Usable(
        labels.astype(np.intp, copy=False),
        scores,
        left_out(strays, nonfinite),
        notices(strays, len(known), classes),
    )


def in_range(labels: Array, classes: int) -> NDArray[np.bool_]:
    """Return which labels are whole numbers from 0 to `classes` - 1."""
    known: NDArray[np.bool_] = (labels >= 0) & (labels < classes)
    if labels.dtype.kind == "f":
        known &= np.floor(labels) == labels
    return known


def left_out(strays: Array, nonfinite: int) -> dict[str, object]:
    """Return the fields that tell of labels out of range and of scores that are not finite."""
    fields: dict[str, object] = {}
    if strays.size:
        fields["labels_out_of_range"] = int(strays.size)
        fields["strange_labels"] = _values(strays)
    if nonfinite:
        fields["nonfinite"] = nonfinite
    return fields


def notices(strays: Array, given: int, classes: int) -> dict[str, str]:
    """Return what to tell of labels out of range: nothing if all are those one leaves out."""
    if not strays.size or (strays == IGNORED).all():
        return {}
    values = ", ".join(f"{value:g}" for value in _values(strays))
    count = f"{strays.size:,} of {given:,} labels"
    return {"labels": f"{count} are out of range for {classes} classes and left out: {values}"}


def _values(strays: Array) -> list[float]:
    """Return a few of the different values of labels out of range."""
    return [float(value) for value in np.unique(strays[:STRAYS_LOOKED_AT])[:STRAYS_SHOWN]]


def finite_rows(scores: Array) -> NDArray[np.bool_]:
    """Return which samples have finite scores alone, (n,) of scores (n,) or (n, classes)."""
    if scores.ndim == 1:
        return np.isfinite(scores)
    # A sum is finite only if all its terms are, and takes no temporary array of their number.
    rows: NDArray[np.bool_] = np.isfinite(scores.sum(axis=1))
    doubtful = np.flatnonzero(~rows)
    rows[doubtful] = np.isfinite(scores[doubtful]).all(axis=1)
    return rows
