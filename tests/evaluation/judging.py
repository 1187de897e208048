"""Judges a case as ``trainmon check`` would: its log is written, read back and judged.

Where a finding began to speak is told by the decisions of the same rules on the same records; for
what only the run as a whole makes of them (a warning because of what stands beside it), by the
shortest beginning of the log on which it speaks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from tests.evaluation.case import Case
from tests.evaluation.logs import write_log
from tests.evaluation.verdict import Alarm, Named, Verdict, level, without_records
from trainmon import rules
from trainmon.incidents import Incident
from trainmon.judge import Decision, Judge
from trainmon.monitor import Monitor
from trainmon.rule import EventKind, Severity
from trainmon.store.batch import Floats, Record, batch_of
from trainmon.store.lane import Lane
from trainmon.store.table import number_of
from trainmon.view import RunView, View

TOOL = "trainmon"


def judge(case: Case) -> Verdict:
    """Return what trainmon says of a case."""
    started = process_time()
    view = _checked(case)
    run = next((run for run in view.runs if not run.superseded), None)
    seconds = process_time() - started
    if run is None:
        failures = _nameless(view.failures) or ("no run in its log",)
        return Verdict(TOOL, without_records(case), (), 0.0, seconds=seconds, failures=failures)
    spoken = _Spoken(case)
    return Verdict(
        tool=TOOL,
        case=without_records(case),
        alarms=tuple(spoken.alarm(incident) for incident in run.findings),
        last_step=run.last_step or 0.0,
        steps_per_epoch=_steps_per_epoch(run),
        broke=next((step for step, loss in _losses(case, "") if not isfinite(loss)), None),
        best=_best(case),
        causes=tuple(Named(d.cause, d.role, d.rivals) for d in run.diagnosis),
        seconds=seconds,
        failures=(*_nameless(view.failures), *(n for n in run.notices if "please report" in n)),
    )


def _nameless(failures: Sequence[str]) -> tuple[str, ...]:
    """Return what failed without the folder of the log, which is another each time."""
    return tuple(failure.rpartition("': ")[2] for failure in failures)


def _checked(case: Case) -> View:
    """Return the view of a case's log, read once from its file."""
    with TemporaryDirectory() as folder:
        return Monitor([write_log(Path(folder), case)]).read_all(_now(case.records))


def _now(records: Sequence[Record]) -> float:
    """Return the time of the last record: a log that just ends is judged as of then."""
    return next((float(r["time"]) for r in reversed(records) if "time" in r), 0.0)


def _best(case: Case) -> float | None:
    finite = [(loss, step) for step, loss in _losses(case, "val/loss") if isfinite(loss)]
    return min(finite)[1] if finite else None


def _losses(case: Case, name: str) -> Iterator[tuple[float, float]]:
    """Yield the steps and values of all losses, or of those whose names begin so."""
    for record in case.records:
        if "step" in record:
            for key, value in record.items():
                number = number_of(value) if "loss" in key and key.startswith(name) else None
                if number is not None:
                    yield float(record["step"]), number


def _steps_per_epoch(run: RunView) -> float | None:
    steps, epochs = run.last_step, run.last_epoch
    return steps / epochs if steps and epochs else None


class _Spoken:
    """When which rule of a case's log said what."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._level = level(case.fault) if case.fault else Severity.WARNING
        # A fault may be told at the record before the next one that is logged.
        self._from = case.fault.onset_step - case.variant.every if case.fault else -np.inf
        self._decisions: Sequence[Decision] | None = None
        self._steps: Floats = np.empty(0)

    def alarm(self, incident: Incident) -> Alarm:
        """Return an incident of the run as an alarm."""
        level = min(self._level, incident.severity)
        steps = self._said(incident, level)
        later = [step for step in steps if step >= self._from]
        return Alarm(
            check=incident.rule,
            names=frozenset({incident.rule}),
            severity=incident.severity,
            spoke=min(later, default=None),
            early=bool(steps) and not later,
            title=incident.title,
            metric=incident.metric,
            onset=incident.onset_step,
            cleared=incident.cleared,
        )

    def _said(self, incident: Incident, level: Severity) -> list[float]:
        """Return the steps at which an incident was told at this level or above."""
        if self._case.fault is None or incident.rule not in self._case.fault.rules:
            return [] if incident.step is None else [incident.step]
        rows = [
            decision.event.row
            for decision in self._decided()
            if decision.rule == incident.rule
            and decision.event.metric == incident.metric
            and decision.event.kind != EventKind.CLEARED
            and decision.event.severity >= level
        ]
        if not rows:
            rows = [self._first_row(incident, level)]
        return [float(step) for step in self._steps[rows] if np.isfinite(step)]

    def _decided(self) -> Sequence[Decision]:
        """Return the decisions of all rules on the log, made once."""
        if self._decisions is None:
            lane = Lane()
            lane.append(batch_of(self._case.records))
            self._decisions = Judge(lane, rules.all_rules()).advance()
            self._steps = _filled(np.asarray(lane.steps[:], float))
        return self._decisions

    def _first_row(self, incident: Incident, level: Severity) -> int:
        """Return the row that makes the log long enough for an incident to be at this level."""

        def loud(count: int) -> bool:
            part = replace(self._case, records=self._case.records[:count])
            return any(
                found.key == incident.key and found.severity >= level
                for run in _checked(part).runs
                for found in run.findings
            )

        lengths = range(1, len(self._case.records) + 1)
        return min(bisect_left(lengths, x=True, key=loud), len(lengths) - 1)


def _filled(steps: Floats) -> Floats:
    """Return the step of every row; a row that tells none stands at the one before."""
    told = np.maximum.accumulate(np.where(np.isfinite(steps), np.arange(len(steps)), 0))
    return steps[told]
