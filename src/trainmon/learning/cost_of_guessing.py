"""What a mere guess costs: the chance level that the first losses of a run are compared with."""

from bisect import bisect_right
from math import log

from trainmon.chance import Chance, chance_levels
from trainmon.context import Context
from trainmon.evaluating.event import evaluation_of
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.roles.name import parsed
from trainmon.rule import Block

_WITHOUT_LEVEL = (
    "arc",
    "cosface",
    "margin",
    "center",
    "triplet",
    "ctc",
    "transducer",
    "elbo",
    "vae",
)
"""Words of losses that begin where they like, whatever is predicted."""

_EVENTS_LOOKED_AT = 64
"""Events looked back over for the last evaluation."""


def cost_of_guessing(context: Context, block: Block, row: int) -> Chance | None:
    """Return the highest of the chance levels that are known for sure, or None.

    The entropy of the classes is what a model has that knows their shares. A new one does not: it
    guesses any of C classes, which costs ln C.
    """
    levels = [chance for chance in chance_levels(context, block, row) if chance.sure]
    if not levels:
        return _tokens(context, block, row)
    events = block.lane.events
    upto = bisect_right(events, row, key=lambda event: event.row)
    for event in reversed(events[max(0, upto - _EVENTS_LOOKED_AT) : upto]):
        classes = len(evaluation_of(event).actual) if event.kind == EventKind.EVALUATION else 0
        if classes > 1:
            levels.append(Chance(log(classes), f"ln {classes}", sure=True))
            break
    return max(levels, key=lambda level: level.loss)


def _tokens(context: Context, block: Block, row: int) -> Chance | None:
    """Return what a guess among tokens costs at most, where a perplexity is beyond all of them.

    It is told in units of one token, whatever the loss is summed over: so much is no guess.
    """
    for name in context.names(Role.VAL_METRIC):
        values = block.before(name, 1, row + 1).values
        if is_perplexity(name) and len(values) and values[0] >= BEYOND_ALL:
            return Chance(log(BEYOND_ALL), "ln 1,000,000 (tokens)", sure=True)
    return None


def is_perplexity(name: str) -> bool:
    """Return whether a metric is a perplexity by its name.

    >>> is_perplexity("val/ppl"), is_perplexity("eval_perplexity"), is_perplexity("val/loss")
    (True, True, False)
    """
    return parsed(name).word in {"ppl", "perplexity"}


BEYOND_ALL = 1e6
"""A perplexity, or a number of tokens: no vocabulary is as large, and scripts cut off what is."""


def is_named(context: Context) -> bool:
    """Return whether the configuration or the metric names the loss."""
    return bool(context.settings.get("loss") or context.positive("chance_loss"))


def has_no_level(context: Context) -> bool:
    """Return whether the loss is not known to have a chance level."""
    if context.positive("chance_loss"):
        return False
    words = f"{context.settings.get('loss') or ''} {' '.join(context.settings)}".lower()
    weighted = any(context.settings.get(key) for key in ("class_weights", "pos_weight"))
    return (
        weighted or bool(context.names(Role.LOSS_PART)) or any(w in words for w in _WITHOUT_LEVEL)
    )
