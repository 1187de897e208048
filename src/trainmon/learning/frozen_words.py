"""What is said of a metric that is the same to the last bit in some evaluations."""

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.learning.chance_metrics import last_evaluation
from trainmon.learning.equal_runs import EqualRun
from trainmon.rule import LOOKBACK, Block

_DUST = 1e-6
"""Of a loss: less is the rounding of float32, and no movement."""


def title_of(
    context: Context, name: str, run: EqualRun, evidence: Mapping[str, Any], *, few: bool
) -> str:
    """Return the title; `few` tells whether it may well be so."""
    title = f"{name} is exactly {run.value:.5g} in {run.count} evaluations"
    if few:
        return f"{title}, as it may be"
    if not context.train_loss:
        return title
    low, high = (float(evidence.get(key, nan)) for key in ("train_low", "train_high"))
    if high - low <= _DUST * abs(high):
        return f"{title}, and {context.train_loss} stands still as well"
    return f"{title} while {context.train_loss} moves"


def evidence_of(
    context: Context, block: Block, row: int, run: EqualRun, also: list[str]
) -> dict[str, Any]:
    """Return the numbers: how long it stands, `also` which metrics, and what moved meanwhile."""
    evidence: dict[str, Any] = {
        "value": run.value,
        "evaluations": run.count,
        "since_step": float(block.steps[run.since]),
        "before": run.before,
    }
    if also:
        evidence["also"] = also
    told = last_evaluation(block, row)
    if told.n is not None:
        evidence["n"] = told.n
    rates = block.before(context.learning_rate, 1, row + 1).values
    if len(rates) and isfinite(rates[0]):
        evidence["lr"] = float(rates[0])
    losses = block.before(context.train_loss, LOOKBACK, row + 1)
    values = losses.values[losses.rows >= run.since]
    values = finite(values)
    if len(values):
        evidence |= {"train_low": float(values.min()), "train_high": float(values.max())}
    return evidence
