"""How a run stands: its status, what its findings come from, and which rules could not look."""

from collections.abc import Collection, Sequence
from operator import is_
from typing import Any

from trainmon.causes.diagnosis import Diagnosis
from trainmon.chance import Chance, chance_levels
from trainmon.context import Context
from trainmon.endings import ending
from trainmon.failures import FAILED
from trainmon.incidents import Incident
from trainmon.judge import Judge
from trainmon.liveness import Process
from trainmon.record import EventKind
from trainmon.rule import Block, LiveRule, Rule
from trainmon.store.lane import Lane
from trainmon.view import NotJudged, Status


def status_of(
    lane: Lane, findings: Sequence[Incident], process: Process, *, live: bool, grows: bool
) -> Status:
    """Return the status of a run by its first lane and what is known of its process.

    `live` says that its log is watched, and `grows` that it was seen to grow.
    """
    over = ending(lane)
    if over is not None:
        crashed = str(over.fields.get("status")) in FAILED or over.kind == EventKind.EXCEPTION
        return Status.CRASHED if crashed else Status.FINISHED
    open_rules = {incident.rule for incident in findings if not incident.cleared}
    gone = live and process is Process.GONE
    if not gone and "stalled" in open_rules:
        return Status.STALLED
    if process is Process.ALIVE:
        return Status.RUNNING
    if gone or "crashed" in open_rules:
        return Status.CRASHED
    return Status.RUNNING if live and grows else Status.UNKNOWN


def chance_now(judge: Judge) -> tuple[Chance, ...]:
    """Return the chance levels with what the log has told so far."""
    lane = judge.lane
    return chance_levels(judge.context, Block(lane, lane.n_rows, lane.n_rows), lane.n_rows)


def diagnosed(
    findings: Sequence[Incident], judge: Judge, chance: Sequence[Chance]
) -> tuple[Diagnosis, ...]:
    """Return the causes of what was found; the graph of causes is loaded when there is any."""
    if not findings:
        return ()
    from trainmon.causes.weighing import weighed  # noqa: PLC0415 - as said

    return weighed(findings, judge.context, judge.lane, chance)


def judged_by(
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


class JudgedBy:
    """What `judged_by` tells, kept while nothing that it comes from changes.

    Fifty rules ask the context for their signals: at each view of a live run that would cost as
    much as to read its new records. Owned by the run whose views tell it.
    """

    def __init__(self) -> None:
        self._same: tuple[object, ...] = ()
        """Objects that are replaced when they change."""
        self._equal: tuple[object, ...] = ()
        self._told: tuple[tuple[str, ...], tuple[NotJudged, ...]] = (), ()

    def tell(
        self,
        rules: Sequence[Rule[Any]],
        judge: Judge,
        spoke: Collection[str],
        sensed: Context | None = None,
    ) -> tuple[tuple[str, ...], tuple[NotJudged, ...]]:
        """Return the rules that found nothing, and those that could not look."""
        same, equal = (rules, judge.context, sensed), ({*spoke}, {*judge.failures})
        kept = len(same) == len(self._same) and all(map(is_, same, self._same))
        if not kept or equal != self._equal:
            self._same, self._equal = same, equal
            self._told = judged_by(rules, judge, spoke, sensed)
        return self._told
