"""The comparison of two runs as a short text: verdict, what differs, curves at equal samples."""

from collections.abc import Iterator

import numpy as np

from trainmon.comparison import Comparison, CurveComparison
from trainmon.comparison.wording import figure, fold
from trainmon.reference import Axis
from trainmon.roles import Direction
from trainmon.text import clean

_DIFFERENCES = 8
"""Differences that are told unless all are asked for."""

_ROWS = 7
"""Places of a table: enough for the shape of two curves, few enough to be read."""

_FURTHER = 6
"""Further metrics that are told in a line each unless all are asked for."""

_SLIGHT = 0.1
"""Relative difference at the end below which a run is but slightly better."""

_BEYOND = 0.02
"""Of the way of both: a run that goes on further than that is told of."""

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
        size = "slightly better" if _is_slight(curve) else "better"
        return f"{best} is {size} than {worst}{by}: {name} {_apart(curve)}"
    if curve.parted is not None:
        which = f"which way {name} is better is not known"
        return f"{comparison.run} and {comparison.other} part: {name} {_apart(curve)}; {which}"
    return (
        f"{comparison.run} and {comparison.other} do not end apart beyond their noise: "
        f"{name} {_ends(curve)}"
    )


def _is_slight(curve: CurveComparison) -> bool:
    ours, theirs = curve.ends
    return abs(ours - theirs) < _SLIGHT * max(abs(ours), abs(theirs))


def _apart(curve: CurveComparison) -> str:
    since = "from the start" if curve.parted == curve.both.places[0] else f"since {_place(curve)}"
    return f"{_ends(curve)}; apart {since}"


def _ends(curve: CurveComparison) -> str:
    """Return both levels at the end, the better one first where that is known."""
    ends = [figure(end) for end in curve.ends]
    if curve.better is False:
        ends.reverse()
    return f"{' against '.join(ends)} at {_on(curve.axis, float(curve.both.places[-1]))}"


def _on(axis: Axis, place: float) -> str:
    """Return a place on an axis as people say it: ``epoch 3`` and ``12,928 samples``."""
    if axis in _UNITS:
        return f"{figure(round(place))} {_UNITS[axis]}"
    return f"{axis} {figure(place if axis == Axis.EPOCH else round(place))}"


def _place(curve: CurveComparison) -> str:
    """Return where they parted, on the axis of the comparison and on those people count by."""
    assert curve.parted is not None
    order = (Axis.EPOCH, Axis.STEP, Axis.SAMPLES, Axis.TOKENS)
    told = [_on(axis, curve.at[axis]) for axis in order if axis in curve.at]
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
        if comparison.better is not None:
            yield "      what parts them is chance (seed, order of the data), the data, or the code"
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
    end = float(both.places[-1])
    for name, (place, value) in zip((comparison.run, comparison.other), curve.lasts, strict=True):
        if place > (1 + _BEYOND) * end:
            yield f"  {name} goes on to {_on(curve.axis, place)}: {figure(value)}"


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
