"""The strips of the ranks: what stands in each row, and how each strip is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from trainmon.incidents import Incident
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.heatmap import HeatOptions, HeatRow
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Range
from trainmon.ui.curves.curves import Curve, axis_of, curve_in
from trainmon.ui.curves.looking import axis_range, pointed_at, told_value
from trainmon.ui.ranks.rank_folding import Folding, folded_rows, range_of_rows, troubles
from trainmon.ui.ranks.rank_measures import Measure, level, range_of
from trainmon.ui.scene import Settings
from trainmon.ui.wording import ink_of
from trainmon.view import RunView


@dataclass(frozen=True, slots=True)
class Strip:
    """Some ranks as one measure shows them: the rows of a heat map, and how it is drawn."""

    measure: Measure
    rows: list[HeatRow]
    options: HeatOptions


def strips_of(
    settings: Settings,
    run: RunView,
    lanes: Sequence[LaneView],
    measures: Sequence[Measure],
    selected: int | None,
    folding: Folding | None = None,
) -> list[Strip]:
    """Return some ranks of a run as some measures show them, and the selected one so marked.

    With `folding` all ranks are in its rows.
    """
    if folding is not None:
        folded = [(each, folded_rows(settings, run, each, folding)) for each in measures]
        return [_strip(settings, run, each, rows, range_of_rows(rows)) for each, rows in folded]
    found_of = troubles(run)
    labels = [
        _label(lane.rank, found_of.get(lane.rank), selected=lane.rank == selected) for lane in lanes
    ]
    measured = [_measured(run, lanes, each, settings) for each in measures]
    wide = max((len(tail) for _, tails in measured for tail in tails), default=0)
    strips = []
    for measure, (found, tails) in zip(measures, measured, strict=True):
        rows = [
            HeatRow(
                label,
                each.x if each else [],
                each.y if each else [],
                [(tail.rjust(wide), Ink.TEXT)],
            )
            for each, label, tail in zip(found, labels, tails, strict=True)
        ]
        strips.append(_strip(settings, run, measure, rows, range_of(run, measure)))
    return strips


def _strip(
    settings: Settings,
    run: RunView,
    measure: Measure,
    rows: list[HeatRow],
    shades: tuple[Range, bool],
) -> Strip:
    values, log = shades
    options = HeatOptions(
        log=log,
        x_kind=axis_of(run.drawn, settings),
        x_range=axis_range(run, settings),
        value_range=values,
        spelled=measure.spelled,
        pointed_at=pointed_at(run, settings),
    )
    return Strip(measure, rows, options)


def _measured(
    run: RunView, lanes: Sequence[LaneView], measure: Measure, settings: Settings
) -> tuple[list[Curve | None], list[str]]:
    """Return the course of each rank, and its level in words, or its value at the cross-hair."""
    found = [curve_in(lane, measure.metric, settings) for lane in lanes]
    if pointed_at(run, settings) is None:
        return found, [measure.spelled(level(lane, measure.metric)) for lane in lanes]
    told = [told_value(run, settings, each) if each else nan for each in found]
    return found, [measure.spelled(value) for value in told]


def _label(rank: int, finding: Incident | None, *, selected: bool) -> list[Part]:
    """Return the number of a rank, and the glyph of the finding that names it, if one does."""
    glyph: Part = (f"{finding.severity.glyph} ", ink_of(finding)) if finding else ("  ", Ink.DIM)
    ink = Ink.SELECTED if selected else Ink.TEXT if finding else Ink.DIM
    return [glyph, (f"rank {rank}", ink)]
