"""Layers that get no gradient, or next to none of what the last ones get."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from trainmon.medians import median_of

_SMALL = ("bias", "norm", "bn", "beta", "gamma", "scale", "gain")
"""Words of parameters that are few and have gradients of another size than matrices."""

_FEWEST = 4
"""Weights of which thirds can be compared."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the gradients of all layers tell at one record."""

    order: tuple[str, ...]
    """The layers in the order of the model."""
    dead: frozenset[str]
    """Those whose gradient is exactly 0."""
    ratio: float
    """What the first third of the weights gets of what the last third gets; NaN if unknown."""
    smallest: str
    """The weights that get the least, of those that get anything."""

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self.order)


def look_at(layers: Mapping[str, float]) -> Look:
    """Return what gradient norms by layer tell, in the order of the model.

    >>> look = look_at({f"{at}.weight": 10.0 ** -at for at in range(9, 0, -1)})
    >>> look.smallest, round(np.log10(look.ratio))
    ('9.weight', -6)
    """
    dead = frozenset(name for name, norm in layers.items() if norm == 0)
    weights = [(norm, name) for name, norm in layers.items() if isfinite(norm) and is_large(name)]
    third = len(weights) // 3
    ratio = nan
    if len(weights) >= _FEWEST:
        norms = np.array([norm for norm, _ in weights])
        first, last = median_of(norms[:third]), median_of(norms[-third:])
        ratio = float(first / last) if last > 0 else nan
    alive = min((pair for pair in weights if pair[0] > 0), default=(0.0, ""))
    return Look(tuple(layers), dead, ratio, alive[1])


def is_large(layer: str) -> bool:
    """Return whether a layer is no bias and no norm, by its name.

    >>> is_large("blocks.0.attn.weight"), is_large("blocks.0.ln_1.bias")
    (True, False)
    """
    return not any(word in layer.lower() for word in _SMALL) and ".ln" not in layer.lower()
