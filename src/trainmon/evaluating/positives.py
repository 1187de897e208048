"""What the configuration and the training data tell of the positives of an evaluation set."""

from trainmon.context import Context
from trainmon.evaluating.contradictions import Known
from trainmon.evaluating.limit import is_part
from trainmon.evaluating.occasions import Occasion
from trainmon.evaluating.training_classes import training_classes
from trainmon.rule import Block

_POSITIVES = ("val_positives", "eval_positives", "n_val_positives", "num_val_positives")
_SHARES = ("val_prevalence", "prevalence", "positive_share", "pos_share", "positive_rate")
"""Settings that tell of the positives of an evaluation set."""

_TWO = 2
"""Classes, of which the second is the positive one."""


def known_of(context: Context, block: Block, occasion: Occasion) -> Known:
    """Return what is known of the positives of an evaluation before it is looked at."""
    classes = training_classes(context, block, occasion.row)
    positives = next(filter(None, map(context.positive, _POSITIVES)), None)
    shares = tuple(filter(None, map(context.positive, _SHARES)))
    n = occasion.told.n if occasion.told else None
    if len(classes) == _TWO:
        shares = (*shares, classes[1] / sum(classes))
        if positives is None and sum(classes) == n:
            positives = classes[1]  # these are the counts of this very set
    whole = None if positives is None else round(positives)
    return Known(whole, shares, is_part=bool(n) and is_part(n or 0, context))
