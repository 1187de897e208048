"""Which metrics of a validation decide whether it gets worse, and which way each is better."""

from trainmon.context import Context
from trainmon.evaluating.metrics import quantity_of
from trainmon.once import once
from trainmon.roles import Direction, Role

Directed = tuple[str, Direction]
"""A metric and which way it is better."""

_ONE_SIDED = frozenset({"precision", "recall", "prevalence", "positives"})
"""What a threshold trades for something else: it may get worse while nothing is lost."""


@once
def monitored_or_first(context: Context) -> Directed | None:
    """Return the metric that decides beside a validation loss, or in its place.

    It is the monitored one; where neither that nor a validation loss is logged, the first metric
    that is better one way.
    """
    monitored = context.monitored
    if monitored and monitored[1] != Direction.UNKNOWN:
        return monitored
    if context.val_loss:
        return None
    names = [(name, context.direction(name)) for name in context.names(Role.VAL_METRIC)]
    known = [each for each in names if each[1] != Direction.UNKNOWN]
    whole = (each for each in known if quantity_of(each[0]) not in _ONE_SIDED)
    return next(whole, next(iter(known), None))
