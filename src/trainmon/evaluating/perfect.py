"""A first evaluation that is nearly perfect, unless the size of a class explains it."""

from collections.abc import Mapping
from dataclasses import dataclass

from trainmon.context import Context
from trainmon.evaluating.occasions import Occasion
from trainmon.evaluating.training_classes import training_classes
from trainmon.rule import Block

_SCORES = ("accuracy", "f1", "balanced_accuracy", "mcc", "ap", "auroc")
"""What is looked at in the first evaluation, the plainest first."""

_AREAS = ("ap", "auroc")
"""Areas under a curve: easy tasks come near to 1 at once."""

_OTHERS = ("f1", "recall", "ap", "balanced_accuracy")
"""Scores that a large class leaves low."""


@dataclass(frozen=True, slots=True)
class NearlyPerfect:
    """When a first evaluation is too good."""

    perfect: float
    """Of a share."""
    perfect_area: float
    """Of an area under a curve."""
    lower: float
    """Of another score: then accuracy is that of a large class."""
    large: float
    """Of the samples: such a class explains any accuracy."""
    early: float
    """Of the plan: later on the first evaluation may be the last one as well."""
    early_epochs: float
    """Epochs, where no plan is told."""

    def score(
        self, occasion: Occasion, values: Mapping[str, float], context: Context, block: Block
    ) -> str | None:
        """Return the plainest quantity that is nearly perfect in an early evaluation, or None."""
        if context.header.get("attempt") or not self._is_early(context, block, occasion.row):
            return None
        for quantity in _SCORES:
            value = values.get(quantity, 0.0)
            if value <= (self.perfect_area if quantity in _AREAS else self.perfect):
                continue
            if quantity == "accuracy" and self._is_explained(occasion, values, context, block):
                continue
            return quantity
        return None

    def _is_early(self, context: Context, block: Block, row: int) -> bool:
        step, epoch = float(block.steps[row]), float(block.epochs[row])
        done = context.share_done(step, epoch)
        return done <= self.early if done is not None else not epoch > self.early_epochs

    def _is_explained(
        self, occasion: Occasion, values: Mapping[str, float], context: Context, block: Block
    ) -> bool:
        """Return whether a large class explains an accuracy."""
        if any(values.get(quantity, 1.0) < self.lower for quantity in _OTHERS):
            return True
        trained = training_classes(context, block, occasion.row)
        shares = occasion.told.actual if occasion.told else ()
        return max(shares, default=0.0) >= self.large or (
            bool(trained) and max(trained) >= self.large * sum(trained)
        )
