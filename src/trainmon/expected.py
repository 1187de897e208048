"""What is expected of a run's metrics, as its configuration tells, and how values stand to it."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.expectation import Expectation, expectation
from trainmon.finite import finite
from trainmon.record import EventKind
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows

_GROUP = "expect/"
"""What stands before the metric in the flat configuration."""

_COMPARED = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}


def expectations_in(settings: Mapping[str, Setting]) -> dict[str, str]:
    """Return the expectations of a configuration by metric, as they were written.

    One that is told of no metric has the name "", and cannot be met.

    >>> expectations_in({"lr": 0.1, "expect/val/f1": "> 0.1 by epoch 10"})
    {'val/f1': '> 0.1 by epoch 10'}
    """
    found = {}
    for name, value in settings.items():
        if _GROUP in name and (name.startswith(_GROUP) or f"/{_GROUP}" in name):
            found[name.partition(_GROUP)[2]] = str(value)
    if settings.get("expect") is not None:
        found[""] = str(settings["expect"])
    return found


@lru_cache(maxsize=256)
def understood(text: str) -> Expectation | str:
    """Return what an expectation says, or in words why it cannot be understood.

    >>> understood("> 0.1 by tomorrow")
    "it is not of the form '> number by epoch number'"
    """
    try:
        return expectation(text)
    except ValueError as error:
        return str(error)


def metric_meant(name: str, context: Context) -> str | None:
    """Return the metric that an expectation means; None while it is not logged."""
    spelled = name.replace("/", "_")
    found = (metric for names in context.roles.by_role.values() for metric in names)
    return next((metric for metric in found if metric.replace("/", "_") == spelled), None)


def places(wanted: Expectation, block: Block, rows: Rows) -> Floats:
    """Return where rows stand on the axis of a deadline; NaN where they tell no place."""
    return (block.steps if wanted.unit == "step" else block.epochs)[rows]


def meets(wanted: Expectation, values: Floats) -> NDArray[np.bool_]:
    """Return which values are on the right side of the bound; NaN never is."""
    met: NDArray[np.bool_] = _COMPARED[wanted.comparison](values, wanted.bound)
    return met


def nearest(wanted: Expectation, values: Floats) -> float:
    """Return the value that is best by what is expected; NaN if none is a number."""
    numbers = finite(values)
    if not len(numbers):
        return float("nan")
    return float(numbers.max() if wanted.comparison.startswith(">") else numbers.min())


def over_at(
    wanted: Expectation,
    metric: str | None,
    looks: Rows,
    context: Context,
    block: Block,
    once: float,
) -> int | None:
    """Return the first row of a block at which it is certain that the time is over, or None.

    `looks` are the rows at which it may be seen. Evaluations that are `once` epochs apart, or more,
    come once an epoch: the one at the deadline is the last.
    """
    ends = [event.row for event in block.events if _is_end(event.kind, event.fields)]
    own = block.samples(metric).rows
    if wanted.deadline is None:
        over = block.steps[own] >= (context.planned_steps or np.inf)
        over |= block.epochs[own] >= (context.planned_epochs or np.inf)
        return min((*ends, *own[over].tolist()), default=None)
    behind = looks[places(wanted, block, looks) > wanted.deadline]
    reached = np.concatenate((block.before(metric, 2, block.start).rows, own))
    here = places(wanted, block, reached)
    last = here >= wanted.deadline
    for row in ends:  # nothing comes after it
        so_far = np.append(here[reached < row], places(wanted, block, np.array([row])))
        if np.fmax.reduce(so_far) >= wanted.deadline:
            behind = np.append(behind, row)
    if wanted.unit == "epoch":  # several evaluations may stand in one; of a step there is one
        gaps = np.diff(here, prepend=np.nan)
        last &= (gaps >= once) & (np.roll(gaps, 1) >= once)
    right_at = reached[last & (reached >= block.start)]
    return min((*behind.tolist(), *right_at.tolist()), default=None)


def _is_end(kind: str, fields: Mapping[str, object]) -> bool:
    return kind == EventKind.FINISH and fields.get("status", "finished") == "finished"
