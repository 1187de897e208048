"""Whether a threshold cuts the scores of an evaluation at the wrong place.

The counts of an evaluation and its best threshold tell it, or metrics alone: scores that rank well
and of which nothing is found, or everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import agree

DEFAULTS = (0.5, 0.0)
"""Thresholds that nobody chose: of probabilities, and of logits."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A threshold that cuts the scores at the wrong place."""

    title: str
    evidence: Mapping[str, Any]
    confirm: int
    """Evaluations in a row that it takes."""
    sure: bool = False
    """Whether somebody set this threshold, and it leaves all scores on one side, or nearly all."""
    slow: bool = False
    """Whether a rare class that is learned late looks the same, maybe to the end."""


@dataclass(frozen=True, slots=True)
class CountedCuts:
    """What counts and scores must show of a wrong threshold."""

    fold: float
    """Times more or fewer predicted positives than there are."""
    better: float
    """Times the F1, at the best threshold."""
    gain: float
    """Above the F1 of calling all positive: the scores do rank."""
    side: float
    """Of the scores on one side of the threshold."""
    excess: float
    """Of the samples that this side is too large by."""
    side_gain: float
    """Of F1 that the best threshold has more then."""
    fewest: int
    """Samples of either class."""
    confirm: int
    """Evaluations in a row."""

    def cut(self, told: EvaluationEvent) -> Cut | None:
        """Return what the counts and scores of an evaluation of two classes show."""
        predicted, true = told.predicted[1], told.actual[1]
        if not 0 < true < 1 or (told.n or self.fewest) * min(true, 1 - true) < self.fewest:
            return None
        f1, best = _f1(told), told.best_f1
        one_sided = predicted in (0, 1)
        ranks = best is not None and best >= 2 * true / (1 + true) + self.gain
        apart = max(predicted, true) > self.fold * min(predicted, true)
        side = max(predicted, 1 - predicted)
        right = true if predicted >= self.side else 1 - true
        far = side >= self.side and side - right >= self.excess
        chosen = told.threshold is not None and told.threshold not in DEFAULTS
        beside = chosen and (one_sided or (far and ranks)) and not _is_one(told)
        much = best is not None and f1 is not None and best - f1 >= self.side_gain
        doubled = best is not None and f1 is not None and best >= self.better * f1
        if not ((apart and ranks and doubled) or (far and much) or beside):
            return None
        evidence = _numbers(told, one_sided=one_sided, chosen=chosen)
        slow = not (far and much) and not chosen
        return Cut(_title(evidence), evidence, self.confirm, sure=beside, slow=slow)


@dataclass(frozen=True, slots=True)
class LabelledCuts:
    """What the counts of labels that do not exclude each other must show of a wrong threshold."""

    fold: float
    """Times more or fewer predicted labels than there are."""
    ranks: float
    """Of AUROC: the scores rank well."""
    fewest: int
    """Samples in which a label is there, and not."""
    confirm: int
    """Evaluations in a row."""

    def cut(self, told: EvaluationEvent) -> Cut | None:
        """Return what the mean shares of all labels show, where their scores rank well.

        One threshold cuts them all, so that a single label which is not learned counts for little.
        """
        predicted, true = told.predicted_labels, told.actual_labels
        auroc = told.rates.get("auroc_macro", told.rates.get("auroc", 0.0))
        if predicted is None or true is None or not 0 < true < 1 or auroc < self.ranks:
            return None
        if (told.n or self.fewest) * min(true, 1 - true) < self.fewest:
            return None
        if max(predicted, true) <= self.fold * min(predicted, true):
            return None
        chosen = told.threshold is not None and told.threshold not in DEFAULTS
        evidence = {
            "predicted_share": predicted,
            "true_share": true,
            "auroc": auroc,
            "one_sided": predicted in (0, 1),
            "chosen": chosen,
            **({"threshold": told.threshold} if told.threshold is not None else {}),
        }
        title = f"{_title(evidence)}, and AUROC is {auroc:.3g}"
        return Cut(title, evidence, self.confirm, sure=chosen, slow=True)


@dataclass(frozen=True, slots=True)
class ImpliedCuts:
    """What metrics alone must show of a wrong threshold."""

    perfect: float
    """Of precision: above it everything may well be positive."""
    ranks: float
    """Of AUROC: the scores rank well."""
    confirm_metrics: int
    """Evaluations in a row."""

    def cut(self, metric: str, values: Mapping[str, float]) -> Cut | None:
        """Return what metrics alone show: scores that rank well, of which none or all are found."""
        auroc, accuracy = values.get("auroc", 0.0), values.get("accuracy", -1.0)
        none = values.get("recall", values.get("f1")) == 0 and values.get("f1", 0.0) == 0
        precision = values.get("precision", 1.0)
        every = (
            values.get("recall") == 1 and precision < self.perfect and agree(precision, accuracy)
        )
        if auroc < self.ranks or not (none or every) or values.get("positives") == 0:
            return None  # of no positives none is found at any threshold
        found = "nothing" if none else "everything"
        title = f"{metric} is that of {found} found, while AUROC is {auroc:.3g}"
        evidence = {**values, "one_sided": True, "predicted_share": 0.0 if none else 1.0}
        return Cut(title, evidence, self.confirm_metrics, slow=True)


def _numbers(told: EvaluationEvent, *, one_sided: bool, chosen: bool) -> dict[str, Any]:
    """Return what an evaluation tells of its threshold and of the best one."""
    lowest, highest = told.score_range
    numbers = {
        "threshold": told.threshold,
        "predicted_share": told.predicted[1],
        "true_share": told.actual[1],
        "f1": _f1(told),
        "best_threshold": told.best_threshold,
        "best_f1": told.best_f1,
        "auroc": told.rates.get("auroc"),
        "lowest": lowest,
        "highest": highest,
        "one_sided": one_sided,
        "chosen": chosen,
        "n": told.n,
    }
    return {name: value for name, value in numbers.items() if value is not None}


def _f1(told: EvaluationEvent) -> float | None:
    """Return the F1 at the threshold: as told, or from the counts."""
    f1 = told.rates.get("f1")
    if f1 is None and told.confusion:
        (_, false), (missed, hits) = told.confusion
        f1 = 2 * hits / (2 * hits + false + missed) if hits else 0.0
    return f1


def _is_one(told: EvaluationEvent) -> bool:
    """Return whether the scores are all the same, so that no threshold parts them."""
    lowest, highest = told.score_range
    return lowest is not None and lowest == highest


def _title(evidence: Mapping[str, Any]) -> str:
    predicted, true = 100 * evidence["predicted_share"], 100 * evidence["true_share"]
    cut = f" at a threshold of {evidence['threshold']:.3g}" if "threshold" in evidence else ""
    title = f"{predicted:.3g} % are predicted positive{cut} where {true:.3g} % are"
    if {"best_threshold", "best_f1", "f1"} <= evidence.keys():
        best, f1 = evidence["best_f1"], evidence["f1"]
        title += f"; {evidence['best_threshold']:.3g} has an F1 of {best:.3g} instead of {f1:.3g}"
    return title
