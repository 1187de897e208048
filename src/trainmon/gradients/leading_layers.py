"""The layer that leads: whose gradients, weights or updates are the farthest from the others'.

Layers are many and logged rarely, so they are looked at only when a finding is about to be made.
"""

from collections.abc import Callable, Mapping
from math import isfinite

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Block

LAYERS_LIMIT = 1_024
"""Layers looked at: a look costs as much as some records each, and larger models log groups."""


def layers_at(context: Context, block: Block, role: Role, row: int) -> dict[str, float]:
    """Return what was last logged of each layer up to a row, by layer, in the order of the log."""
    found = {}
    for name in context.names(role)[:LAYERS_LIMIT]:
        values = block.before(name, 1, row + 1).values
        if len(values):
            found[name.partition("/")[2] or name] = float(values[-1])
    return found


def largest(layers: Mapping[str, float]) -> str | None:
    """Return the layer with the largest finite value, or None.

    >>> largest({"stem": 0.1, "head": 3.0})
    'head'
    """
    finite = {name: value for name, value in layers.items() if isfinite(value)}
    return max(finite, key=finite.__getitem__, default=None)


def smallest(layers: Mapping[str, float]) -> str | None:
    """Return the layer with the smallest finite value, or None.

    >>> smallest({"stem": 1e-9, "head": 3.0})
    'stem'
    """
    finite = {name: value for name, value in layers.items() if isfinite(value)}
    return min(finite, key=finite.__getitem__, default=None)


def leading(
    context: Context, block: Block, row: int, leads: Callable[[Mapping[str, float]], str | None]
) -> dict[str, str | float]:
    """Return the layer that leads by its gradient, and that; nothing where none are logged."""
    layers = layers_at(context, block, Role.LAYER_GRAD_NORM, row)
    layer = leads(layers)
    return {} if layer is None else {"layer": layer, "layer_norm": layers[layer]}


def leading_update(
    context: Context, block: Block, row: int, leads: Callable[[Mapping[str, float]], str | None]
) -> dict[str, str | float]:
    """Return the layer that leads by its updates, and of how many it does; or nothing."""
    layers = layers_at(context, block, Role.LAYER_UPDATE_RATIO, row)
    layer = leads(layers)
    if layer is None:
        return {}
    still = sum(value == 0 for value in layers.values())
    counts = {"layers": len(layers), "layers_still": still}
    return {"layer": layer, "layer_ratio": layers[layer], **counts}


def ruined(layers: Mapping[str, float]) -> str | None:
    """Return the layer nearest to where non-finite gradients began, or None.

    Gradients pass from the last layer to the first, and models list their layers from first to
    last: of those that are not finite the last is the nearest. If all of several are, it may as
    well have been the loss.

    >>> ruined({"stem": float("nan"), "block": float("inf"), "head": 1.0})
    'block'
    >>> ruined({"stem": float("nan"), "head": float("nan")}) is None
    True
    """
    bad = [name for name, value in layers.items() if not isfinite(value)]
    return bad[-1] if bad and len(bad) < len(layers) else None
