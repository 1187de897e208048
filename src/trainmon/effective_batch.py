"""How many examples one optimizer step sees: batch size x accumulation x world size."""

from collections.abc import Mapping
from typing import Any

from trainmon.configuration import Setting, number_in

_WHOLE = (
    "effective_batch_size",
    "global_batch_size",
    "total_train_batch_size",
    "total_batch_size",
)
"""Names of a batch that counts all devices and all micro-batches by itself."""

_OF_ALL_DEVICES = ("ims_per_batch",)
"""What rules read as the batch size, and what is that of all devices together."""


def effective_batch(settings: Mapping[str, Setting]) -> float | None:
    """Return the examples of one optimizer step, or None where the settings do not tell.

    What is not told of accumulation and world size is 1, as every framework has it.

    >>> effective_batch({"batch_size": 2.0, "accum": 4.0})
    8.0
    >>> effective_batch({"batch_size": 2.0, "accum": "auto"}) is None
    True
    """
    for name in _WHOLE:
        whole = number_in(settings, name)
        if whole and whole > 0:
            return whole
    batch = number_in(settings, "batch_size") or 0.0
    accum, world = (_factor(settings, name) for name in ("accum", "world_size"))
    if world > 1 and any(name.lower().endswith(_OF_ALL_DEVICES) for name in settings):
        world = 1.0
    product = batch * accum * world
    return product if product > 0 else None


def _factor(settings: Mapping[str, Setting], name: str) -> float:
    """Return a setting that is 1 where it is not told; 0 where it makes no sense."""
    return 1.0 if settings.get(name) is None else number_in(settings, name) or 0.0


def with_world_size(
    settings: Mapping[str, Setting], header: Mapping[str, Any]
) -> dict[str, Setting]:
    """Return settings with the world size that a log's header tells, if they tell none."""
    world = header.get("world_size")
    told = {"world_size": float(world)} if isinstance(world, (int, float)) else {}
    return {**told, **settings}
