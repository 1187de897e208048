"""What goes into the model: the range of each feature, and the shares of the labels."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from trainmon.writer.summaries.arrays import Array, array
from trainmon.writer.summaries.batch import Part, parts
from trainmon.writer.summaries.features import Range, ranges
from trainmon.writer.summaries.thinning import steps

FEATURES_LIMIT = 1_000
"""Features told: some 120 kB of the log. Tables have fewer; of embeddings some tell enough."""

NUMBERS = 1_000_000
"""Numbers of a batch, or of its targets, that are looked at: some 10 ms, a few times in a run."""

LABELS_LIMIT = 100
"""Different labels up to which their shares are told; more are ids or quantities."""


@np.errstate(all="ignore")  # what overflows is told as infinite
def inputs(
    batch: object, targets: object = None, names: Sequence[str] | None = None
) -> dict[str, object]:
    """Return the fields of an ``inputs`` event: what a batch and its targets hold.

    `batch` is a tensor or array, samples first, or a mapping or tuple of them; `features.ranges`
    says which of their numbers belong together. `names` are those of a tensor's features. Raises
    `ValueError` if there are no numbers in the batch.

    >>> fields = inputs([[5_714.0, 0.1], [77_785.0, 0.3]], targets=[0, 1], names=["time", "charge"])
    >>> fields["features"]["time"]["max"], fields["label_shares"]
    (77785.0, {'0': 0.5, '1': 0.5})
    """
    found = _parts(batch)
    if not found:
        raise ValueError("the inputs hold no arrays of numbers")
    return {
        "n": int(found[0].tensor.shape[0]),
        "shape": _of_each(found, lambda tensor: [int(length) for length in tensor.shape]),
        "dtype": _of_each(found, lambda tensor: str(tensor.dtype).removeprefix("torch.")),
        "features": _features(found, names),
        **({} if targets is None else _targets(_parts(targets))),
    }


def _parts(batch: object) -> list[Part]:
    return list(islice(parts(batch), FEATURES_LIMIT))


def _of_each(found: list[Part], tell: Callable[[Any], object]) -> object:
    """Return what is told of the only tensor, or of each by its name."""
    if len(found) == 1:
        return tell(found[0].tensor)
    return {part.name: tell(part.tensor) for part in found}


def _features(found: list[Part], names: Sequence[str] | None) -> dict[str, Range]:
    features: dict[str, Range] = {}
    for part in found:
        room = FEATURES_LIMIT - len(features)
        features |= ranges(part, names, limit=room, numbers=NUMBERS // len(found))
    return features


def _targets(found: list[Part]) -> dict[str, object]:
    """Return the shares of labels, or the ranges of targets that are something else."""
    if len(found) == 1:
        tensor = found[0].tensor
        values = array(tensor[steps(tensor.shape, NUMBERS)], "targets")
        if shares := label_shares(values):
            return {"label_shares": shares}
    return {"targets": _features(found, None)}


def label_shares(labels: Array) -> dict[str, float] | None:
    """Return the share of each label, None if they are not few whole numbers.

    >>> label_shares(np.array([0, 2, 2, 2]))
    {'0': 0.25, '2': 0.75}
    """
    values, counts = np.unique(labels, return_counts=True)
    whole = labels.dtype.kind != "f" or bool((np.floor(values) == values).all())
    if not whole or len(values) > LABELS_LIMIT:
        return None
    shares = (counts / max(labels.size, 1)).tolist()
    return {f"{value:g}": share for value, share in zip(values, shares, strict=True)}
