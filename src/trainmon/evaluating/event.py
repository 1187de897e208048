"""What an ``evaluation`` event tells, read once: any field may be missing or be anything.

The writer tells all of it, scripts by hand some of it; the rules ask only what is here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any

from trainmon.evaluating.fields import (
    CLASSES_LIMIT,
    Counts,
    Shares,
    count,
    normalised,
    number,
    numbers,
    several_shares,
    share,
    shares,
    square,
)
from trainmon.record import EventKind
from trainmon.store.batch import LogEvent

_IGNORED = frozenset({-100.0, -1.0, 254.0, 255.0})
"""Labels that leave a sample out on purpose."""

RATES = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "f1_macro", "f1_micro"),
    *("auroc", "ap", "exact_match", "auroc_macro", "ap_macro"),
)
"""The rates that the writer computes from labels and scores."""


@dataclass(frozen=True, slots=True)
class EvaluationEvent:
    """One evaluation; None, or empty, is what its event does not tell in a usable way."""

    split: str = ""
    kind: str = ""
    """``binary``, ``multiclass``, ``multilabel``, ``regression``; else what the fields suggest."""
    n: int | None = None
    """Samples that were counted."""
    positives: int | None = None
    """Of two classes, how many samples are of the second."""
    prevalence: float | None = None
    threshold: float | None = None
    confusion: tuple[Counts, ...] = ()
    """Rows are the actual classes; of labels that do not exclude each other it is left empty."""
    predicted_shares: Shares = ()
    """By class; they add up to 1."""
    actual_shares: Shares = ()
    predicted_labels: float | None = None
    """Of labels that do not exclude each other, the mean share in which one is predicted."""
    actual_labels: float | None = None
    """The mean share in which one is there."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Those of `RATES` that are finite."""
    measured: Mapping[str, float] = field(default_factory=dict)
    """What the script measured itself, by its own names."""
    best_threshold: float | None = None
    best_f1: float | None = None
    out_of_range: int = 0
    """Labels that no class has, those aside that leave a sample out on purpose."""
    strange_labels: tuple[float, ...] = ()
    """Some of their values."""
    labels: int | None = None
    """Labels that do not exclude each other, how many there are."""
    never_predicted: int | None = None
    never_occurring: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """All that was told."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "EvaluationEvent":
        """Return what the fields of an event tell."""
        kind = _text(fields.get("kind"))
        several = kind == "multilabel"
        confusion = () if several else square(fields.get("confusion"))
        predicted = () if several else shares(fields.get("predicted_shares"))
        actual = () if several else shares(fields.get("actual_shares"))
        positives, prevalence = count(fields.get("positives")), share(fields.get("prevalence"))
        if not kind:
            kind = _kind(confusion or predicted or actual, positives, prevalence)
        strange = _strange(fields.get("strange_labels"))
        stray = count(fields.get("labels_out_of_range")) or 0
        return cls(
            split=_text(fields.get("split")),
            kind=kind,
            n=count(fields.get("n")),
            positives=positives,
            prevalence=prevalence,
            threshold=number(fields.get("threshold")),
            confusion=confusion,
            predicted_shares=predicted,
            actual_shares=actual,
            predicted_labels=_mean(fields.get("predicted_shares")) if several else None,
            actual_labels=_mean(fields.get("actual_shares")) if several else None,
            rates=numbers(fields, RATES),
            measured=numbers(fields.get("metrics")),
            best_threshold=number(fields.get("best_threshold")),
            best_f1=share(fields.get("best_f1")),
            out_of_range=stray if strange else 0,
            strange_labels=strange,
            labels=count(fields.get("labels")),
            never_predicted=count(fields.get("never_predicted")),
            never_occurring=count(fields.get("never_occurring")),
            fields=fields,
        )

    @property
    def score_range(self) -> tuple[float | None, float | None]:
        """The lowest and the highest score, as far as quantiles or the histogram tell."""
        return _range(self.fields)

    @property
    def binary(self) -> bool:
        """Whether there are two classes."""
        return self.kind == "binary"

    @property
    def actual(self) -> Shares:
        """The true shares of the classes, from whatever tells them best."""
        if self.actual_shares:
            return self.actual_shares
        if self.confusion:
            return normalised([sum(row) for row in self.confusion])
        positive = self.prevalence
        if positive is None and self.binary and self.n and self.positives is not None:
            positive = self.positives / self.n
        return (1 - positive, positive) if positive is not None and 0 <= positive <= 1 else ()

    @property
    def predicted(self) -> Shares:
        """The predicted shares of the classes, likewise."""
        if self.predicted_shares:
            return self.predicted_shares
        return normalised([sum(column) for column in zip(*self.confusion, strict=True)])

    @property
    def tells_two_shares(self) -> bool:
        """Whether it tells what shares are predicted as each of two classes, and belong to it."""
        return len(self.predicted) == len(self.actual) == _TWO

    @property
    def positive_count(self) -> int | None:
        """Of two classes, how many samples are of the second, from whatever tells it best."""
        if self.positives is not None:
            return self.positives
        if len(self.confusion) == _TWO:
            return sum(self.confusion[1])
        if self.binary and len(self.actual_shares) == _TWO and self.n:
            return round(self.actual_shares[1] * self.n)
        return None


_TWO = 2


def _mean(told: object) -> float | None:
    known = several_shares(told)
    return sum(known) / len(known) if known else None


def evaluations_in(events: Sequence[LogEvent]) -> Iterator[tuple[int, EvaluationEvent]]:
    """Yield the evaluations among events, each with its row."""
    for event in events:
        if event.kind == EventKind.EVALUATION:
            yield event.row, evaluation_of(event)


class _Fields:
    """The fields of an event as a key: the same object, and not an equal one."""

    __slots__ = ("told",)

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fields) and other.told is self.told

    def __hash__(self) -> int:
        return id(self.told)


def evaluation_of(event: LogEvent) -> EvaluationEvent:
    """Return the evaluation that an event tells; several rules ask for the last ones."""
    return _read(_Fields(event.fields))


@lru_cache(maxsize=64)
def _read(fields: _Fields) -> EvaluationEvent:
    return EvaluationEvent.of(fields.told)


def _kind(classes: Sequence[object], positives: int | None, prevalence: float | None) -> str:
    """Return the kind that an event without one suggests."""
    if classes:
        return "binary" if len(classes) == _TWO else "multiclass"
    return "binary" if positives is not None or prevalence is not None else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _strange(value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        return ()
    told = [number(item) for item in value[:CLASSES_LIMIT]]
    return tuple(item for item in told if item is not None and item not in _IGNORED)


def _range(fields: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the lowest and the highest score: from the quantiles, else from the histogram."""
    quantiles = fields.get("quantiles")
    values = []
    if isinstance(quantiles, dict):
        for part in ("positive", "negative"):
            told = quantiles.get(part)
            if isinstance(told, list):
                values += [item for item in map(number, told) if item is not None]
    if values:
        return min(values), max(values)
    return _occupied(fields.get("histogram"))


def _occupied(histogram: object) -> tuple[float | None, float | None]:
    """Return the edges of the bins that hold scores."""
    if not isinstance(histogram, dict):
        return None, None
    low, high = number(histogram.get("low")), number(histogram.get("high"))
    told = histogram.get("counts")
    if low is None or high is None or not low < high or not isinstance(told, list):
        return None, None
    held = [index for index, item in enumerate(told) if (number(item) or 0) > 0]
    if not held:
        return None, None
    width = (high - low) / len(told)
    ends = low + held[0] * width, low + (held[-1] + 1) * width
    return ends if all(map(isfinite, ends)) else (None, None)
