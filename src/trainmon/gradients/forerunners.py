"""What came before a trouble: the earliest sign of it, and the place where it began."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.gradients.leading_layers import layers_at, ruined
from trainmon.medians import median_of
from trainmon.record import EventKind, spell
from trainmon.roles import Role
from trainmon.rule import Block, known
from trainmon.store.batch import Samples


def what_came_first(
    context: Context, block: Block, row: int, back: int, limits: tuple[float, float]
) -> dict[str, Any]:
    """Return the earliest sign in the `back` samples before `row`, as evidence.

    `limits` say how many times its median a gradient or loss, and a learning rate, must reach.
    """
    growth, rise = limits
    signs: list[tuple[int, str, float]] = []
    for name, sign, limit in (
        (context.grad_norm, "gradient", growth),
        (context.train_loss, "loss", growth),
        (context.learning_rate, "learning rate", rise),
    ):
        if name is not None:
            signs += _grown(block.before(name, back, row), sign, limit)
    for name in context.names(Role.AMP_SCALE)[:1]:
        scale = block.before(name, back, row)
        halved = np.flatnonzero(scale.values[1:] < scale.values[:-1])
        if len(halved):
            signs.append((int(scale.rows[halved[0] + 1]), "loss scale", 0.5))
    if not signs:
        return {"first": "nothing"}
    first_row, sign, factor = min(signs)
    step = float(block.steps[first_row])
    return known({"first": sign, "first_step": step, "factor": spell(factor)})


def where_it_began(context: Context, block: Block, row: int) -> dict[str, float | str]:
    """Return what is told of where non-finite values began: layer, module, parameter, batch.

    A watched model tells it just before the record that holds them.
    """
    found: dict[str, float | str] = {}
    layer = ruined(layers_at(context, block, Role.LAYER_GRAD_NORM, row))
    if layer is not None:
        found["layer"] = layer
    events = block.lane.events
    upto = bisect_right(events, row, key=lambda event: event.row)
    for event in reversed(events[max(0, upto - _EVENTS_LOOKED_AT) : upto]):
        if event.kind == EventKind.NONFINITE and event.row > row - _EVENTS_LOOKED_AT:
            told = {key: event.fields.get(key) for key in ("where", "module", "parameter")}
            batch = event.fields.get("batch")
            told["batch"] = batch.get("index") if isinstance(batch, dict) else batch
            return found | {k: v for k, v in told.items() if isinstance(v, (str, int, float))}
    return found


def what_of(name: str, value: float, evidence: Mapping[str, Any]) -> str:
    """Return in words which metric is not finite, and what came first by the evidence.

    >>> what_of("train/loss", float("nan"), {"first": "gradient", "factor": 125.0})
    'train/loss is NaN; the gradient had grown 125-fold before'
    """
    what = f"{name} is {'NaN' if np.isnan(value) else 'infinite'}"
    if evidence["first"] == "start":
        return f"{what} from its first value on"
    if evidence["first"] == "nothing":
        return f"{what}; nothing announced it"
    if evidence["first"] == "loss scale":
        return f"{what}; the loss scale had been halved before"
    if isinstance(evidence["factor"], str):
        return f"{what}; the {evidence['first']} was not finite before"
    return f"{what}; the {evidence['first']} had grown {evidence['factor']:.3g}-fold before"


_EVENTS_LOOKED_AT = 8
"""Events and rows looked back over: what a watched model tells stands next to the record."""


def _grown(samples: Samples, sign: str, limit: float) -> list[tuple[int, str, float]]:
    """Return the first row of the last excursion above `limit` times the median, if one lasts."""
    values = finite(samples.values)
    if len(values) != len(samples):
        bad = ~np.isfinite(samples.values)
        first = int(np.flatnonzero(~bad)[-1]) + 1 if not bad.all() else 0
        return [(int(samples.rows[first]), sign, float("inf"))] if bad[-1] else []
    if not len(values):
        return []
    median = median_of(values)
    if median <= 0 or values[-1] <= limit * median:
        return []
    calm = np.flatnonzero(values <= limit * median)
    first = int(calm[-1]) + 1 if len(calm) else 0
    return [(int(samples.rows[first]), sign, float(values[-1] / median))]
