"""A run as it stood at an earlier record: its curves, its findings and their causes at that time.

The decisions of the rules make the findings, so those up to a row make the findings at that row.
What a clock or a probe decided is no part of the log and is left out.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from trainmon.as_of.contexts import context_at_end, judged_at_end
from trainmon.beside import beside_one_another
from trainmon.causes.weighing import weighed
from trainmon.decisions import Decided
from trainmon.incidents import Incident, Incidents, ranked
from trainmon.rules import all_rules
from trainmon.store.lane import LaneView
from trainmon.view import RunView, Status


def as_of(run: RunView, row: int) -> RunView:
    """Return a run as it stood with the records of its lead rank up to `row`.

    Other ranks stand where they had come to the same step.
    """
    if row >= run.lead.n_rows - 1:
        return run
    stops = _stops(run, row)
    lanes = tuple(lane.upto(stops[lane.rank]) for lane in run.lanes)
    decisions = tuple(
        each
        for each in run.decisions
        if not each.live and each.row < stops.get(each.rank, stops[run.lead.rank])
    )
    findings = ranked(beside_one_another(_incidents(decisions)))
    context = context_at_end(lanes[0], run.context)
    diagnosis = weighed(findings, context, lanes[0], run.chance)
    clear, not_judged = judged_at_end(run, context, {finding.rule for finding in findings})
    return replace(
        run,
        status=Status.RUNNING,
        context=context,
        lanes=lanes,
        preview=None,
        findings=ranked(findings, {each.cause for each in diagnosis if each.role == "primary"}),
        diagnosis=diagnosis,
        decisions=decisions,
        clear=clear,
        not_judged=not_judged,
        notices=(),
    )


def _stops(run: RunView, row: int) -> dict[int, int]:
    """Return for each rank how many of its records there were."""
    step = _step_at(run.lead, row)
    stops = {}
    for lane in run.lanes:
        steps = lane.steps[:]
        reached = np.flatnonzero(steps <= step)
        stops[lane.rank] = int(reached[-1]) + 1 if len(reached) else min(row + 1, lane.n_rows)
    stops[run.lead.rank] = row + 1
    return stops


def _step_at(lane: LaneView, row: int) -> float:
    """Return the step of a record, or of the last one before it that tells one."""
    steps = lane.steps[: row + 1]
    told = np.flatnonzero(np.isfinite(steps))
    return float(steps[told[-1]]) if len(told) else np.nan


def _incidents(decisions: Iterable[Decided]) -> tuple[Incident, ...]:
    """Return the findings that decisions make."""
    incidents = Incidents(_gauges())
    for decision in decisions:
        incidents.take(decision)
    return tuple(incidents.all())


@lru_cache(maxsize=1)
def _gauges() -> dict[str, str]:
    return {rule.id: rule.gauge for rule in all_rules() if rule.gauge}
