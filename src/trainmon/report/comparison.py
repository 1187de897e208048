"""The comparison of two runs as a short text, and as JSON: verdict, differences, curves."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson

from trainmon.comparison import Comparison, CurveComparison, Difference
from trainmon.comparison.wording import figure, fold
from trainmon.record import spell
from trainmon.reference import Axis
from trainmon.roles import Direction
from trainmon.text import clean

JSON_VERSION = 1

_DIFFERENCES = 8
"""Differences that are told unless all are asked for."""

_ROWS = 7
"""Places of a table: enough for the shape of two curves, few enough to be read."""

_FURTHER = 6
"""Further metrics that are told in a line each unless all are asked for."""

_UNITS = {Axis.SAMPLES: "samples", Axis.TOKENS: "tokens"}


def comparison_text(comparison: Comparison, *, verbose: bool = False) -> str:
    """Return the comparison for people."""
    lines = [verdict(comparison), "", *_differences(comparison, verbose=verbose)]
    if comparison.curves:
        first, *others = comparison.curves
        lines += ["", *_table(comparison, first)]
        told = others if verbose else others[:_FURTHER]
        if told:
            lines += ["", "Other metrics:", *(f"  {_in_a_line(comparison, each)}" for each in told)]
        if len(others) > len(told):
            lines.append(f"  and {len(others) - len(told)} more, which -v lists")
    return "\n".join(clean(line, 500) for line in lines) + "\n"


def verdict(comparison: Comparison) -> str:
    """Return which run is better, by what and since when, in one sentence."""
    if not comparison.curves:
        return (
            f"{comparison.run} and {comparison.other} cannot be compared: they log no metric in "
            "common, or nothing at the same samples, epochs or steps"
        )
    curve = comparison.curves[0]
    name = curve.pair.name
    if comparison.better is not None:
        names = (comparison.run, comparison.other)
        best, worst = names if comparison.better else names[::-1]
        by = "" if curve.pair.evaluates else ", as far as training alone can tell"
        return f"{best} is better than {worst}{by}: {name} {_apart(curve)}"
    if curve.parted is not None:
        which = f"which way {name} is better is not known"
        return f"{comparison.run} and {comparison.other} part: {name} {_apart(curve)}; {which}"
    return (
        f"{comparison.run} and {comparison.other} do not part beyond their noise: "
        f"{name} {_ends(curve)}"
    )


def _apart(curve: CurveComparison) -> str:
    since = "from the start" if curve.parted == curve.both.places[0] else f"since {_place(curve)}"
    return f"{_ends(curve)}; apart {since}"


def _ends(curve: CurveComparison) -> str:
    """Return both levels at the end, the better one first where that is known."""
    ends = [figure(end) for end in curve.ends]
    if curve.better is False:
        ends.reverse()
    unit = _UNITS.get(curve.axis, "")
    place = figure(float(curve.both.places[-1]))
    where = f"{place} {unit}" if unit else f"{curve.axis} {place}"
    return f"{' against '.join(ends)} at {where}"


def _place(curve: CurveComparison) -> str:
    """Return where they parted, on the axis of the comparison and on those people count by."""
    assert curve.parted is not None
    told = []
    for axis in (Axis.EPOCH, Axis.STEP, Axis.SAMPLES, Axis.TOKENS):
        if axis not in curve.at:
            continue
        unit = _UNITS.get(axis, "")
        value = curve.at[axis]
        text = figure(value if axis == Axis.EPOCH else round(value))
        told.append(f"{text} {unit}" if unit else f"{axis} {text}")
    return f"{told[0]} ({', '.join(told[1:])})" if len(told) > 1 else told[0]


def _differences(comparison: Comparison, *, verbose: bool) -> Iterator[str]:
    untold = [
        name
        for name, told in zip(
            (comparison.run, comparison.other), comparison.configured, strict=True
        )
        if not told
    ]
    if untold:
        which = "neither log tells" if len(untold) > 1 else f"the log of {untold[0]} does not tell"
        yield f"Settings cannot be compared: {which} its configuration"
        return
    harmful = [each for each in comparison.differences if each.harm > 0]
    harmless = len(comparison.differences) - len(harmful)
    runs = (comparison.run, comparison.other)
    here, there = runs if comparison.worse_first else runs[::-1]
    if not harmful:
        yield f"Settings: {here} and {there} differ in none that could matter"
    else:
        yield f"What {here} has otherwise than {there}, the likelier reasons first:"
        shown = harmful if verbose else harmful[:_DIFFERENCES]
        for number, each in enumerate(shown, start=1):
            yield f"  {number:2}. {each.text}"
        if len(harmful) > len(shown):
            yield f"      and {len(harmful) - len(shown)} more, which -v lists"
    if harmless and verbose:
        names = (each.name for each in comparison.differences if not each.harm)
        yield f"      harmless: {', '.join(names)}"
    elif harmless:
        yield f"      left out: {harmless} that never matter, such as paths, names and seeds"


def _table(comparison: Comparison, curve: CurveComparison) -> Iterator[str]:
    pair, both = curve.pair, curve.both
    way = "" if pair.direction == Direction.UNKNOWN else f", {pair.direction.value}"
    yield f"{pair.name} at equal {_plural(curve.axis)}{way}:"
    rows = [[str(curve.axis), comparison.run, comparison.other, "difference"]]
    for index in _shown(curve):
        value, other = float(both.values[index]), float(both.others[index])
        parted = curve.parted is not None and both.places[index] == curve.parted
        mark = _apart_by(value, other) + (" <- apart from here" if parted else "")
        rows.append([figure(float(both.places[index])), figure(value), figure(other), mark])
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=False))
        yield f"  {cells}  {row[3]}".rstrip()


def _shown(curve: CurveComparison) -> list[int]:
    """Return the places that a table shows: some along the way, and that of the parting."""
    count = len(curve.both.places)
    shown = set(np.linspace(0, count - 1, min(_ROWS, count)).round().astype(int).tolist())
    if curve.parted is not None:
        shown.add(int(np.flatnonzero(curve.both.places == curve.parted)[0]))
    return sorted(shown)


def _apart_by(value: float, other: float) -> str:
    """Return how far the second value is from the first, in words."""
    if not np.isfinite(value) or not np.isfinite(other):
        return ""
    if value * other <= 0:
        return f"{other - value:+.3g}"
    ratio = other / value
    if ratio > 2 or ratio < 0.5:  # noqa: PLR2004 - beyond, a factor reads better than a share
        return fold(ratio)
    return f"{100 * (other - value) / abs(value):+.1f} %"


def _in_a_line(comparison: Comparison, curve: CurveComparison) -> str:
    if curve.better is None:
        state = "alike" if curve.parted is None else f"apart since {_place(curve)}"
        return f"{curve.pair.name}: {state}, {_ends(curve)}"
    best = comparison.run if curve.better else comparison.other
    return f"{curve.pair.name}: {best} is better, {_apart(curve)}"


def _plural(axis: Axis) -> str:
    return str(axis) if axis in _UNITS else f"{axis}s"


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
