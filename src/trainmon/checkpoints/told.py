"""What is said of a checkpoint that is missing."""

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

from trainmon.checkpoints.due import Reason
from trainmon.checkpoints.plan import missing_key, sign_of
from trainmon.checkpoints.saved import Saving
from trainmon.context import Context
from trainmon.rule import Block, known


def evidence_of(state: Saving, row: int, context: Context, block: Block) -> dict[str, Any]:
    """Return what is at risk and what decides on checkpoints."""
    begin = state.last_row if state.checkpoints else context.baseline_row
    begin_step = float(block.steps[begin])
    if not isfinite(begin_step):  # a header has none
        begin_step = 0.0 if not context.baseline_row else nan
    monitored = context.monitored
    evidence: dict[str, Any] = {
        "evaluations": state.since,
        "steps_at_risk": float(block.steps[row]) - begin_step,
        "seconds_at_risk": float(block.times[row] - block.times[begin]),
        "unsaved_bests": state.unsaved,
        "checkpoints": state.checkpoints,
        "first_value": sign_of(context, state.by) * state.first,
        "best_value": sign_of(context, state.by) * state.best,
    }
    if state.checkpoints:
        evidence["last_step"] = begin_step
    if monitored or missing_key(context):
        evidence["metric"] = monitored[0] if monitored else missing_key(context)
    elif state.by:
        evidence["metric"] = state.by
    if context.settings.get("mode") is not None:
        evidence["mode"] = str(context.settings["mode"])
    return known(evidence)


def title_of(evidence: Mapping[str, Any], reason: Reason) -> str:
    """Return what is told: since when, why, and what is at risk."""
    metric = evidence.get("metric", "the metric")
    why = {
        "key absent": f"{metric}, by which the best is kept, is not logged",
        "mode inverted": f"{metric} gets better, and mode {evidence.get('mode')} says worse",
        "never beat its first value": f"{metric} never beat its first value",
        "none written": "new bests came and none was written",
    }[reason]
    count = evidence["evaluations"]
    title = f"no checkpoint in {count} {'evaluation' if count == 1 else 'evaluations'}: {why}"
    if "steps_at_risk" in evidence:
        title += f"; {evidence['steps_at_risk']:,.0f} steps are at risk"
    return title
