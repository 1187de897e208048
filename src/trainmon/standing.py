"""How a run stands: whether it goes on, and which rules looked at it and found nothing."""

from collections.abc import Collection, Sequence
from typing import Any

from trainmon.context import Context
from trainmon.endings import ending
from trainmon.incidents import Incident
from trainmon.judge import Judge
from trainmon.liveness import Process
from trainmon.record import EventKind
from trainmon.rule import LiveRule, Rule
from trainmon.store.lane import Lane
from trainmon.view import NotJudged, Status

_FAILED = frozenset({"failed", "crashed", "error"})
"""What a finish event may say that is no good end."""


def status_of(
    lead: Lane,
    findings: Sequence[Incident],
    process: Process,
    grew: float | None,
    *,
    live: bool,
) -> Status:
    """Return whether a run goes on, or how it ended; `live` if its log is watched."""
    over = ending(lead)
    if over is not None:
        failed = str(over.fields.get("status")) in _FAILED
        crashed = failed or over.kind == EventKind.EXCEPTION
        return Status.CRASHED if crashed else Status.FINISHED
    gone = live and process == Process.GONE
    if not gone and any(i.rule == "stalled" and not i.cleared for i in findings):
        return Status.STALLED
    if process == Process.ALIVE:
        return Status.RUNNING
    if gone:
        return Status.CRASHED
    return Status.RUNNING if live and grew is not None else Status.UNKNOWN


def judged(
    rules: Sequence[Rule[Any]],
    judge: Judge,
    spoke: Collection[str],
    sensed: Context | None = None,
) -> tuple[tuple[str, ...], tuple[NotJudged, ...]]:
    """Return the rules that found nothing, and those that could not look.

    `spoke` are those that found something; `sensed` is what probes tell to the rules of machines.
    """
    clear, not_judged = [], []
    for rule in rules:
        if rule.id in spoke or rule.id in judge.failures:
            continue
        missing = rule.missing(judge.context)
        if missing and sensed and rule.of_machine:
            missing = rule.missing(sensed)
        if missing:
            signals = tuple(need.signal for need in missing)
            not_judged.append(NotJudged(rule.id, signals, missing[0].log))
        elif not isinstance(rule, LiveRule):
            clear.append(rule.id)
    return tuple(clear), tuple(not_judged)
