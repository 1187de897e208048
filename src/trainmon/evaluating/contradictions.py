"""What the numbers of one evaluation cannot all be at once, by exact arithmetic.

Only relations count that hold whatever is averaged over classes, labels or batches, in macro, micro
or weighted form; numbers may be rounded to three decimals.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import agree, quantity_of

Kind = Literal["label-index", "counts", "rates", "order"]
"""Positives that exist and are not measured; counts that do not add up; rates of one confusion that
exclude each other; a stricter measure above a laxer one."""

_SLACK = 0.005
"""Of a share: what rounding to two decimals and another divisor explain."""

_SEEN = 0.01
"""A precision or recall that is above 0 however it was rounded."""

_SAME_UNIT = (0.5, 2.0)
"""Between these ratios two counts are of the same things; pixels are not images."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One impossible combination."""

    kind: Kind
    says: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True
    """Whether one evaluation is enough; otherwise the metrics may be of different things."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an evaluation set beside what its evaluations tell."""

    positives: int | None = None
    shares: tuple[float, ...] = ()
    """What the share of positives may be: of this set, or of the training data."""
    is_part: bool = False
    """Whether the evaluation was cut off, and may well be without positives."""


def in_evaluation(
    told: EvaluationEvent | None, values: Mapping[str, float], standing: int, known: Known
) -> Contradiction | None:
    """Return the worst contradiction of one evaluation, if there is any.

    `told` is its event and `values` are its metrics as shares; `standing` is for how many
    evaluations the accuracy has been the same.
    """
    event = told or EvaluationEvent()
    measured = {quantity_of(name): value for name, value in event.measured.items()}
    rates = {**event.rates, **values, **measured}
    found = chain(
        _strange_labels(event),
        _uncounted(event, rates, standing, known),
        _ranked(event, rates),
        _impossible_f1(event, rates, known),
        _counts(event),
        _order(rates),
    )
    return next(found, None)


def _strange_labels(told: EvaluationEvent) -> Iterator[Contradiction]:
    """Yield that labels have the index of a class that is not there, and one class has none."""
    if not told.out_of_range or not told.actual:
        return
    classes = len(told.actual)
    empty = [index for index, part in enumerate(told.actual) if part == 0]
    shifted = float(classes) in told.strange_labels
    if empty and (told.binary or (shifted and empty[0] == 0)):
        values = ", ".join(f"{value:g}" for value in told.strange_labels[:5])
        what = "sample is positive" if empty == [1] else f"sample is of class {empty[0]}"
        says = f"{told.out_of_range:,} labels are {values}, which is no class here, and no {what}"
        evidence = {
            "out_of_range": told.out_of_range,
            "strange_labels": list(told.strange_labels[:5]),
            "actual_positives": told.out_of_range,
        }
        yield Contradiction("label-index", says, evidence)


def _uncounted(
    told: EvaluationEvent, rates: Mapping[str, float], standing: int, known: Known
) -> Iterator[Contradiction]:
    """Yield that positives exist which the evaluation does not count."""
    n, accuracy = told.n, rates.get("accuracy")
    if told.positives != 0 or not n:
        return
    prevalence = told.prevalence or rates.get("prevalence") or 0.0
    exist = max(round(prevalence * n), known.positives or 0)
    if told.confusion and told.binary:
        exist = max(exist, sum(told.confusion[1]))
    if told.actual_shares and told.binary:
        exist = max(exist, round(told.actual_shares[1] * n))
    why = ""
    if not exist and accuracy is not None and 0 < accuracy < 1:
        if told.predicted and told.binary and told.predicted[1] == 1:
            exist, why = round(accuracy * n), "everything is predicted positive"
        elif standing >= _STANDS and n >= _MANY and accuracy <= _UNLEARNED and not known.is_part:
            # One answer to all samples is right for all labels of one kind, or for none.
            exist, why = round(accuracy * n), f"accuracy stands at {accuracy:.4g}"
    if exist:
        says = f"counts 0 of {n:,} samples as positive where {exist:,} exist"
        evidence = {"actual_positives": exist, "accuracy": accuracy, "standing": standing}
        yield Contradiction("label-index", says + (f": {why}" if why else ""), _known(evidence))


def _ranked(told: EvaluationEvent, rates: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield that scores rank above chance among positives of which none is counted.

    Without any positive there is no AUROC; what is written in its place is 0, 0.5, 1 or NaN.
    """
    auroc = rates.get("auroc", 0.0)
    if rates.get("positives", told.positives) == 0 and _CHANCE < auroc < 1:
        says = f"counts no positives, and an AUROC of {auroc:.3g}, which there is of none"
        yield Contradiction("label-index", says, {"positives": 0, "auroc": auroc}, exact=False)


_CHANCE = 0.5

_STANDS = 3
"""Evaluations with one accuracy to the last digit: a model that learns has one answer to all ..."""

_MANY = 10_000
"""... on so many samples ..."""

_UNLEARNED = 0.9
"""... and before a model has learned: at the end of a schedule predictions stand still as well."""


def _impossible_f1(
    told: EvaluationEvent, rates: Mapping[str, float], known: Known
) -> Iterator[Contradiction]:
    """Yield that F1 is 0 where it cannot be."""
    if rates.get("f1") != 0:
        return
    precision, recall = rates.get("precision", 0.0), rates.get("recall", 0.0)
    accuracy = rates.get("accuracy")
    predicted = told.predicted[1] if told.binary and len(told.predicted) > 1 else None
    for prevalence in _prevalences(told, rates, known) if predicted in (None, 1.0) else ():
        ambiguous = predicted is None and agree(prevalence, 1 - prevalence)
        if accuracy is not None and agree(accuracy, prevalence) and not ambiguous:
            must = 2 * prevalence / (1 + prevalence)
            says = (
                f"accuracy is {accuracy:.4g}, the share of positives, so everything was predicted "
                f"positive and F1 must be {must:.3g}, yet it is 0"
            )
            evidence = {"accuracy": accuracy, "prevalence": prevalence, "expected_f1": must}
            yield Contradiction("label-index", says, evidence)
    computed = told.rates.get("f1", 0.0)
    if computed > _SLACK and predicted is not None and recall:
        says = f"F1 is measured as 0 where labels and scores give {computed:.3g}"
        kind: Kind = "label-index" if told.rates.get("recall") == 1 else "rates"
        yield Contradiction(kind, says, {"f1": 0.0, "expected_f1": computed}, exact=False)
    if precision > _SEEN and recall > _SEEN:
        says = f"F1 is 0 where precision is {precision:.3g} and recall {recall:.3g}"
        evidence = {"precision": precision, "recall": recall, "f1": 0.0}
        yield Contradiction("rates", says, evidence, exact=False)


def _prevalences(
    told: EvaluationEvent, rates: Mapping[str, float], known: Known
) -> Iterator[float]:
    """Yield what the share of positives may be, the surest first."""
    shares = told.actual[1:2] if told.binary else ()
    for share in (*shares, rates.get("prevalence"), *known.shares):
        if share is not None and 0 < share < 1:
            yield share


def _counts(told: EvaluationEvent) -> Iterator[Contradiction]:
    """Yield counts of one evaluation that do not add up."""
    n = told.n
    if not n:
        return
    total = sum(map(sum, told.confusion))
    low, high = _SAME_UNIT
    strays = (0, told.out_of_range, -told.out_of_range)
    if total and low <= total / n <= high and total - n not in strays:
        says = f"the confusion counts {total:,} samples of {n:,}"
        yield Contradiction("counts", says, {"confusion_total": total})
    if told.positives is not None and told.positives > n:
        says = f"counts {told.positives:,} positives among {n:,} samples"
        yield Contradiction("counts", says, {"positives": told.positives})
    positive = told.actual[1] if told.binary and len(told.actual) > 1 else None
    if positive is not None and told.positives is not None:
        share = told.positives / n
        if abs(share - positive) > _SLACK:
            says = f"{told.positives:,} of {n:,} are {share:.3g}, not {positive:.3g}"
            yield Contradiction("counts", says, {"positives": told.positives, "share": positive})
    accuracy = told.rates.get("accuracy")
    if total and accuracy is not None and accuracy <= 1:
        counted = sum(row[index] for index, row in enumerate(told.confusion)) / total
        if abs(counted - accuracy) > _SLACK:
            says = f"accuracy is {accuracy:.4g} where the confusion gives {counted:.4g}"
            yield Contradiction("counts", says, {"accuracy": accuracy, "counted": counted})


def _order(rates: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield a stricter measure that is above a laxer one of the same evaluation."""
    strict = rates.get("map", rates.get("ap"))
    for stricter, laxer, names in (
        (rates.get("accuracy"), rates.get("top5"), ("top-1", "top-5")),
        (strict, rates.get("ap50"), ("mean AP over IoU thresholds", "AP50")),
    ):
        if stricter is None or laxer is None or laxer < 0:
            continue
        if stricter > laxer + _SLACK:
            says = f"{names[0]} is {stricter:.4g}, above {names[1]}, which is {laxer:.4g}"
            evidence = {"stricter": stricter, "laxer": laxer}
            yield Contradiction("order", says, evidence, exact=False)


def _known(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in evidence.items() if value is not None}
