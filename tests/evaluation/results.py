"""The results of an evaluation as JSON, for whoever looks closer."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from tests.evaluation.figures import Figures
from tests.evaluation.verdict import Verdict

RESULTS_VERSION = 1


def as_json(told: Mapping[str, Figures], verdicts: Mapping[str, Sequence[Verdict]]) -> bytes:
    """Return the figures by tool, and each verdict."""
    document = {
        "version": RESULTS_VERSION,
        "tools": {name: _figures(one) for name, one in told.items()},
        "verdicts": [_verdict(verdict) for group in verdicts.values() for verdict in group],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _figures(told: Figures) -> dict[str, Any]:
    return {
        "faulty_logs": told.found.total,
        "found": told.found.value,
        "found_at_least": told.found.at_least,
        "primary_right": told.right.value,
        "nearly_right": told.nearly_right.value,
        "healthy_logs": told.alarmed_logs.total,
        "healthy_trainings": told.alarmed.total,
        "false_warnings_per_run": told.false_per_run,
        "trainings_alarmed": told.alarmed.value,
        "trainings_alarmed_at_most": told.alarmed.at_most,
        "delay": {f"p{share:.0%}".rstrip("%"): told.delay.quantile(share) for share in (0.5, 0.9)},
        "in_time": {one.limit.name: one.share.value for one in told.limits if one.share.total},
        "seconds": told.seconds,
        "failures": told.failures,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    case, fault = verdict.case, verdict.case.fault
    expected = fault and {
        "rules": sorted(fault.rules),
        "causes": list(fault.causes),
        "onset_step": fault.onset_step,
        "found": verdict.found,
        "right": verdict.right,
        "nearly_right": verdict.nearly_right,
        "delay": verdict.delay,
    }
    return {
        "tool": verdict.tool,
        "case": case.name,
        "recipe": case.recipe,
        "task": case.task,
        "seed": case.seed,
        "half": case.half,
        "variant": case.variant.name,
        "fault": expected,
        "alarms": [
            {
                "check": alarm.check,
                "metric": alarm.metric,
                "severity": alarm.severity.word,
                "step": alarm.spoke,
                "onset_step": alarm.onset,
                "early": alarm.early,
                "cleared": alarm.cleared,
                "title": alarm.title,
            }
            for alarm in verdict.alarms
        ],
        "causes": [
            {"cause": named.cause, "role": named.role, "rivals": list(named.rivals)}
            for named in verdict.causes
        ],
        "seconds": verdict.seconds,
        "failures": list(verdict.failures),
    }
