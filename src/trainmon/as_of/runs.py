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
from trainmon.store.batch import HEADER
from trainmon.store.lane_view import LaneView
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
    attempts = max(1, sum(begin <= row for begin in _beginnings(run.lead)))
    begin, _ = _attempt(run.lead, attempts)
    step = _step_at(run.lead, begin, row)
    stops = {}
    for lane in run.lanes:
        first, stop = _attempt(lane, attempts)
        reached = np.flatnonzero(lane.steps[first:stop] <= step)
        last = first + (int(reached[-1]) if len(reached) else row - begin)
        stops[lane.rank] = min(last + 1, stop)
    stops[run.lead.rank] = row + 1
    return stops


def _attempt(lane: LaneView, number: int) -> tuple[int, int]:
    """Return where an attempt begins and ends: after it a rank may come to the same steps again."""
    begins = [0, *_beginnings(lane)[1:], lane.n_rows]
    return begins[min(number, len(begins) - 1) - 1], begins[min(number, len(begins) - 1)]


def _beginnings(lane: LaneView) -> list[int]:
    """Return the rows at which the process began, and began anew."""
    return [event.row for event in lane.events if event.kind == HEADER]


def _step_at(lane: LaneView, begin: int, row: int) -> float:
    """Return the step of a record, or of the last one since `begin` that tells one."""
    steps = lane.steps[begin : row + 1]
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
