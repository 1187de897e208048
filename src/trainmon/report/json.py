"""The judgement as JSON, version 1: what ``trainmon check --json`` prints."""

from collections.abc import Mapping
from typing import Any

import orjson

from trainmon.causes.diagnosis import Diagnosis
from trainmon.incidents import Incident
from trainmon.record import spell
from trainmon.view import RunView, View

JSON_VERSION = 1

_EXACT = 2.0**53
"""Whole numbers below it are exact as floats, and JSON readers take them."""


def as_json(view: View) -> str:
    """Return the view as one line of strict JSON with its newline."""
    document = {"version": JSON_VERSION, "runs": [_run(run) for run in view.runs]}
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode()


def _run(run: RunView) -> dict[str, Any]:
    return {
        "run": run.name,
        "path": run.path,
        "format": run.format,
        "superseded": run.superseded,
        "status": run.status.value,
        "records": run.records,
        "last_step": whole(run.last_step),
        "findings": [_finding(incident, many=len(run.lanes) > 1) for incident in run.findings],
        "diagnosis": [_diagnosis(diagnosis) for diagnosis in run.diagnosis],
        "clear": list(run.clear),
        "not_judged": [
            {"rule": missing.rule, "missing": list(missing.missing), "log": missing.log}
            for missing in run.not_judged
        ],
    }


def _finding(incident: Incident, *, many: bool) -> dict[str, Any]:
    return {
        "rule": incident.rule,
        "severity": incident.severity.word,
        "title": incident.title,
        "step": whole(incident.step),
        "epoch": incident.epoch,
        "time": incident.time,
        "onset_step": whole(incident.onset_step),
        "last_step": whole(incident.last_step),
        "cleared": incident.cleared,
        "live": incident.live,
        "rank": incident.rank if many else None,
        "metric": incident.metric,
        "evidence": spelled(incident.evidence),
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "cause": diagnosis.cause,
        "role": diagnosis.role,
        "confidence": diagnosis.confidence,
        "because": list(diagnosis.because),
        "rivals": list(diagnosis.rivals),
        "fix": list(diagnosis.fix),
    }


def whole(step: float | None) -> float | int | None:
    """Return a step as the integer it is, wherever it is one."""
    if step is None or abs(step) >= _EXACT or not step.is_integer():
        return step
    return int(step)


def spelled(value: Any) -> Any:  # noqa: ANN401 - evidence is any JSON value
    """Return evidence with its non-finite numbers spelled as in the log."""
    if isinstance(value, Mapping):
        return {key: spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [spelled(item) for item in value]
    return spell(value) if isinstance(value, float) else value
