"""How much a configured weight makes of a class, beside all others together.

A loss multiplies what the samples of a class cost by its weight, so a model is drawn to answer the
class whose weight times frequency is largest. Weights that balance the classes make each worth as
much as any other; one that is worth several times all others together is answered to everything
that is not sure to be another.
"""

import re
from collections.abc import Mapping

from trainmon.configuration import Setting

OUTWEIGHS = 5.0
"""Times all other classes: a class that is worth more is answered to nearly everything."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")

_LONGEST = 20_000
"""Characters of a list of weights."""


def worth(settings: Mapping[str, Setting], index: int, share: float) -> float:
    """Return what a class is worth in the loss beside all the others, at least; 0 if unknown.

    `share` is how frequent the class is. The others count as if all had the highest of their
    weights.

    >>> worth({"pos_weight": 9.0}, 1, 0.1), round(worth({"pos_weight": 400}, 1, 0.1), 1)
    (1.0, 44.4)
    >>> worth({"class_weights": "[3000.0, 1.0, 1.0]"}, 0, 0.5)
    3000.0
    """
    weights = _weights(settings)
    others = [weight for at, weight in enumerate(weights) if at != index]
    if not 0 <= index < len(weights) or not others or max(others) <= 0 or not 0 < share < 1:
        return 0.0
    return weights[index] * share / (max(others) * (1 - share))


def _weights(settings: Mapping[str, Setting]) -> tuple[float, ...]:
    """Return the configured weight of each class; empty where none are told."""
    several = _numbers(settings.get("class_weights"))
    if len(several) > 1:
        return several
    positive = _numbers(settings.get("pos_weight"))
    if len(positive) == 1:  # of several labels that do not exclude each other there are more
        return 1.0, *positive
    by_class = {
        int(name.rpartition("/")[2]): _numbers(value)
        for name, value in settings.items()
        if name.startswith("class_weights/") and name.rpartition("/")[2].isdecimal()
    }
    known = [by_class.get(at, ()) for at in range(len(by_class))]
    return tuple(one[0] for one in known) if known and all(len(one) == 1 for one in known) else ()


def _numbers(value: Setting | None) -> tuple[float, ...]:
    if isinstance(value, str) and len(value) <= _LONGEST:
        return tuple(float(digits) for digits in _NUMBER.findall(value))
    told = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    return (float(value),) if told and value is not None else ()
