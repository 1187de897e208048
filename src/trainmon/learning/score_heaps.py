"""Scores that are all one, or of a few values: by the area under a curve, or by their count."""

from dataclasses import dataclass

from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import value_at
from trainmon.learning.score_signs import Sign
from trainmon.rule import Block

_HALF = 0.5
"""The AUROC of scores that are all one."""


@dataclass(frozen=True, slots=True)
class ScoreHeaps:
    """When scores are so few values that they do not rank."""

    confirm: int
    """Evaluations in a row."""
    unique: float
    """Of the scores are distinct, at most."""
    heap: int
    """Distinct scores at most."""
    samples: int
    """Of an evaluation, at least, to count distinct scores in."""
    ranks: float
    """An AUROC above it: the few values still rank."""

    def of_area(self, block: Block, row: int, name: str) -> Sign | None:
        """Return what an AUROC shows at a row."""
        value = value_at(block, name, row)
        if value is None or value != _HALF:
            return None
        title = f"{name} is exactly 0.5: all scores are one"
        return Sign(title, self.confirm, {"value": value})

    def of_event(self, told: EvaluationEvent, unique: int | None) -> Sign | None:
        """Return what an evaluation event shows of its scores, `unique` of which are distinct."""
        if not told.binary or told.n is None or told.n < self.samples:
            return None
        auroc, ap = told.rates.get("auroc"), told.rates.get("ap")
        evidence = {"n": told.n, "unique": unique, "auroc": auroc, "prevalence": told.prevalence}
        both = told.prevalence is not None and 0 < told.prevalence < 1
        if both and ap is not None and ap == told.prevalence:
            title = f"average precision is exactly the prevalence, {ap:.3g}: all scores are one"
            return Sign(title, self.confirm, evidence)
        if unique is None or unique > min(self.heap, self.unique * told.n):
            return None
        ranks = auroc is not None and auroc >= self.ranks
        title = f"the scores of {told.n:,} samples have {unique} distinct values"
        return Sign(title, None if ranks else self.confirm, evidence)
