"""Hundreds of ranks in a few rows: those in trouble, the extremes, the worst of each stretch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from trainmon import rules
from trainmon.incidents import Incident
from trainmon.ranks.side_by_side import medians
from trainmon.store.batch import Floats
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.heat_cells import heat_cells
from trainmon.ui.charts.heatmap import HeatRow, typical_range
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Range, Scale
from trainmon.ui.curves.curves import curve_in
from trainmon.ui.curves.looking import axis_range
from trainmon.ui.ranks.rank_measures import DECADE, Measure, level
from trainmon.ui.scene import Settings
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_COLUMNS = 128
"""Parts of the run of which each rank's median is taken: a terminal has about as many cells."""

_KEPT = 2_048
"""Ranks whose parts are kept from one picture to the next: of a thousand ranks a few have grown."""

_NAMED_SHARE = 3
"""The part of the rows that ranks in trouble may take, unless nothing else is to be shown."""

_SUMMARY = ("max", "median", "min")

Troubles = dict[int, Incident]


def troubles(run: RunView) -> Troubles:
    """Return the open findings that are about single ranks by rank, the worst first."""
    found: Troubles = {}
    for finding in run.findings:
        rule = rules.load(finding.rule)
        if finding.leads and (rule.across_ranks or rule.every_rank):
            for rank in _about(finding):
                found.setdefault(rank, finding)
    return found


def _about(finding: Incident) -> Sequence[int]:
    """Return the ranks that a finding is about."""
    off = finding.evidence.get("off")
    return off if isinstance(off, list) else (finding.rank,)


@dataclass(frozen=True, slots=True)
class Folding:
    """What stands in the rows where there is no room for all ranks."""

    named: tuple[int, ...]
    """Ranks in trouble; one that has told nothing is among them."""
    summary: bool
    """Whether there is room for the extremes and the middle."""
    stretches: tuple[tuple[int, int], ...]
    """Lanes from one place up to another, of which each is a row."""

    @classmethod
    def of(cls, run: RunView, rows: int) -> "Folding":
        """Return what a number of rows shows of a run."""
        found, count = tuple(troubles(run)), len(run.lanes)
        named = found[: max(1, rows // _NAMED_SHARE)] if rows else ()
        left = rows - len(named)
        summary = left >= len(_SUMMARY)
        left -= len(_SUMMARY) * summary
        if left < 2:  # noqa: PLR2004 - one stretch of all ranks is what the extremes tell
            return cls(found[: len(named) + left], summary, ())
        borders = [count * at // left for at in range(left + 1)]
        return cls(named, summary, tuple(pairwise(borders)))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.named) + len(_SUMMARY) * self.summary + len(self.stretches)


def folded_rows(
    settings: Settings, run: RunView, measure: Measure, folding: Folding
) -> list[HeatRow]:
    """Return the rows of a heat map of all ranks of a run in one measure."""
    x = axis_range(run, settings) or (0.0, 1.0)
    cells = np.array([_cells(lane, measure.metric, settings, x) for lane in run.lanes])
    levels = np.array([level(lane, measure.metric) for lane in run.lanes])
    told = np.isfinite(levels).any()
    share = (np.arange(_COLUMNS) + 0.5) / _COLUMNS
    places = x[0] * (1 - share) + x[1] * share
    found, lanes = troubles(run), {lane.rank: at for at, lane in enumerate(run.lanes)}
    rows = list[HeatRow]()
    for rank in folding.named:
        at, finding = lanes.get(rank), found[rank]
        glyph: Part = (f"{finding.severity.glyph} ", ink_of(finding))
        label = [glyph, (f"rank {rank}", Ink.TEXT)]
        if at is None:
            rows.append(HeatRow(label, [], [], [("absent", Ink.DIM)]))
        else:
            tail = [(measure.spelled(float(levels[at])), Ink.TEXT)]
            rows.append(HeatRow(label, places, cells[at], tail))
    if folding.summary:
        ends = (int(np.nanargmax(levels)), int(np.nanargmin(levels))) if told else (0, 0)
        high, low = (run.lanes[at].rank for at in ends)
        names = (f"max: {high}", "median", f"min: {low}")
        values = (levels[ends[0]], float(medians(levels)), levels[ends[1]])
        every = (np.fmax.reduce(cells), medians(cells.T), np.fmin.reduce(cells))
        for name, value, row in zip(names, values, every, strict=True):
            tail = [(measure.spelled(float(value)), Ink.STRONG)]
            rows.append(HeatRow([("  ", Ink.DIM), (name, Ink.STRONG)], places, row, tail))
    for first, stop in folding.stretches:
        borders = dict.fromkeys((run.lanes[first].rank, run.lanes[stop - 1].rank))
        name = "-".join(map(str, borders))
        tail = [(measure.spelled(float(np.fmax.reduce(levels[first:stop]))), Ink.TEXT)]
        label = [("  ", Ink.DIM), (name, Ink.DIM)]
        rows.append(HeatRow(label, places, np.fmax.reduce(cells[first:stop]), tail))
    wide = max((len(text) for row in rows for text, _ in row.tail), default=0)
    return [_finished(row, wide) for row in rows]


def range_of_rows(rows: Sequence[HeatRow]) -> tuple[Range, bool]:
    """Return the whole range of what some rows show, and whether it is logarithmic.

    What a rank in trouble shows is to stand out, and a median is no outlier.
    """
    every = np.concatenate([np.asarray(row.y, float) for row in rows])
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    log = 0 < DECADE * low < high
    return typical_range(np.array([low, high]), log=log), log


def _finished(row: HeatRow, wide: int) -> HeatRow:
    """Return a row without parts in which nothing was told, and with its tail in the column."""
    x, y = np.asarray(row.x, float), np.asarray(row.y, float)
    told = np.isfinite(y)
    tail = [(text.rjust(wide), ink) for text, ink in row.tail]
    return replace(row, x=x[told], y=y[told], tail=tail)


@lru_cache(maxsize=_KEPT)
def _cells(lane: LaneView, metric: str, settings: Settings, x: tuple[float, float]) -> Floats:
    """Return the median of a metric of a rank in each part of the run; NaN where it tells none."""
    found = curve_in(lane, metric, settings)
    if found is None:
        return np.full(_COLUMNS, np.nan)
    cells = heat_cells([Points.of(found.x, found.y)], Scale(*x), _COLUMNS)
    return np.asarray(cells.median[0])
