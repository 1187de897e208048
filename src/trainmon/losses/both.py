"""What rules share that look at the training loss beside the validation loss."""

from collections.abc import Callable, Collection

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Need
from trainmon.store.batch import Record

TRAIN_AND_VAL = (
    Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),
    Need(
        "val/loss",
        (Role.VAL_LOSS,),
        'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
    ),
)
"""The signals that they need."""

_EVERY = 50
"""Steps of an epoch of the examples, after which there is an evaluation."""


def evaluated(context: Context) -> Collection[str]:
    """Return the validation loss, which marks the evaluations: the training loss is looked up."""
    return (context.val_loss,) if context.val_loss else ()


def falling(
    steps: int,
    floor: float,
    decay: float,
    *,
    train: Callable[[float], float] = float,
    val: Callable[[float], float] = float,
) -> list[Record]:
    """Return a log of two losses, each made of one level that falls by e in `decay` steps.

    >>> log = falling(50, 0.5, 10, val=lambda level: 2 * level)
    >>> [round(value, 2) for value in (log[0]["train/loss"], log[-1]["val/loss"])]
    [1.86, 1.02]
    """
    records: list[Record] = []
    for step in range(1, steps + 1):
        level = floor + 1.5 * float(np.exp(-step / decay))
        place = {"step": step, "epoch": step / _EVERY}
        records.append(place | {"train/loss": train(level)})
        records += [place | {"val/loss": val(level)}] if step % _EVERY == 0 else []
    return records
