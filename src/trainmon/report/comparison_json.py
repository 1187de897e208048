"""The comparison of two runs as JSON, version 1: what ``trainmon compare --json`` prints."""

from collections.abc import Sequence
from typing import Any

import orjson

from trainmon.comparison import Comparison, CurveComparison, Difference
from trainmon.record import spell
from trainmon.report.comparison import verdict

JSON_VERSION = 1


def comparison_json(comparison: Comparison) -> str:
    """Return the comparison as one line of strict JSON with its newline."""
    names = (comparison.run, comparison.other)
    here, there = names if comparison.worse_first else names[::-1]
    better = {True: names[0], False: names[1], None: None}[comparison.better]
    document = {
        "version": JSON_VERSION,
        "runs": list(names),
        "better": better,
        "verdict": verdict(comparison),
        "differences": {
            "of": here,
            "against": there,
            "configured": list(comparison.configured),
            "ranked": [_difference(each) for each in comparison.differences],
        },
        "curves": [_curve(each, names) for each in comparison.curves],
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode()


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "name": difference.name,
        "value": _spelled(difference.here),
        "against": _spelled(difference.there),
        "harm": difference.harm,
        "only_one_tells": difference.only,
        "text": difference.text,
    }


def _curve(curve: CurveComparison, names: Sequence[str]) -> dict[str, Any]:
    better = {True: names[0], False: names[1], None: None}[curve.better]
    return {
        "metric": [curve.pair.name, curve.pair.other],
        "direction": curve.pair.direction.value,
        "axis": str(curve.axis),
        "better": better,
        "parted": {str(axis): _spelled(place) for axis, place in curve.at.items()} or None,
        "end": [_spelled(end) for end in curve.ends],
        "places": [_spelled(place) for place in curve.both.places.tolist()],
        "values": [
            [_spelled(value) for value in values.tolist()]
            for values in (curve.both.values, curve.both.others)
        ],
    }


def _spelled(value: Any) -> Any:  # noqa: ANN401 - a setting or a number
    return spell(value) if isinstance(value, float) else value
