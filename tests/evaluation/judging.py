"""Judges a case as ``trainmon check`` would: its log is written, read back and judged.

Where a finding began to speak is told by the decisions of the rules; for what only the run as a
whole makes of them (a warning because of what stands beside it), by the shortest beginning of the
log on which it speaks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from tests.evaluation.case import Case
from tests.evaluation.logs import write_log
from tests.evaluation.verdict import Alarm, Named, Verdict, level, without_records
from trainmon.incidents import Incident
from trainmon.monitor import Monitor
from trainmon.rule import EventKind, Severity
from trainmon.store.batch import Floats, Record
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
    spoken = _Spoken(case, run)
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

    def __init__(self, case: Case, run: RunView) -> None:
        self._case = case
        self._decisions = run.decisions
        self._steps = _filled(run.lead.steps[:])
        self._level = level(case.fault) if case.fault else Severity.WARNING
        # A fault may be told at the record before the next one that is logged.
        self._from = case.fault.onset_step - case.variant.every if case.fault else -inf

    def alarm(self, incident: Incident) -> Alarm:
        """Return an incident of the run as an alarm."""
        steps = self._said(incident, min(self._level, incident.severity))
        later = [step for step in steps if step >= self._from]
        return Alarm(
            check=incident.rule,
            names=frozenset({incident.rule}),
            severity=incident.severity,
            spoke=min(later, default=None),
            early=not later,
            title=incident.title,
            metric=incident.metric,
            onset=incident.onset_step,
            cleared=incident.cleared,
        )

    def _said(self, incident: Incident, least: Severity) -> list[float]:
        """Return the steps at which an incident was told at this level or above."""
        rows = [
            decision.row
            for decision in self._decisions
            if decision.key == incident.key
            and decision.kind != EventKind.CLEARED
            and decision.severity >= least
        ]
        if rows:
            return [float(step) for step in self._steps[rows]]
        if self._case.fault is None or incident.rule not in self._case.fault.rules:
            return [float(self._steps[incident.row])]
        return [float(self._steps[self._first_row(incident, least)])]

    def _first_row(self, incident: Incident, least: Severity) -> int:
        """Return the row that makes the log long enough for an incident to be at this level."""

        def loud(count: int) -> bool:
            part = replace(self._case, records=self._case.records[:count])
            return any(
                found.key == incident.key and found.severity >= least
                for run in _checked(part).runs
                for found in run.findings
            )

        lengths = range(1, len(self._case.records) + 1)
        return min(bisect_left(lengths, x=True, key=loud), len(lengths) - 1)


def _filled(steps: Floats) -> Floats:
    """Return the step of every row; a row that tells none stands at the one before, or at 0."""
    told = np.maximum.accumulate(np.where(np.isfinite(steps), np.arange(len(steps)), 0))
    return np.nan_to_num(steps[told])
