"""What an evaluation comes to: the fields of its event, and the metrics to draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation, summarised."""

    fields: Mapping[str, object]
    """The fields of the ``evaluation`` event: numbers, lists, mappings and None, fit for JSON but
    for numbers that are not finite."""

    metrics: Mapping[str, object]
    """Its metrics by name; those that are undefined here are NaN."""

    notices: Mapping[str, str] = field(default_factory=dict)
    """What the user should know of what was given: a sentence for each kind of oddity."""


def as_metrics(values: Mapping[str, float | None]) -> dict[str, float]:
    """Return values as metrics, NaN for those that are undefined.

    A metric that is not there would be no evaluation for whoever waits for it: early stopping by
    the F1 of a set without positives would go on for ever.

    >>> as_metrics({"accuracy": 1.0, "auroc": None})
    {'accuracy': 1.0, 'auroc': nan}
    """
    return {name: nan if value is None else value for name, value in values.items()}


def ratio(part: float, whole: float) -> float | None:
    """Return the share that a part is of the whole, None of nothing.

    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return float(part) / float(whole) if whole else None
