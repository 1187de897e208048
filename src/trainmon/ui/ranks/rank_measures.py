"""The ranks of a run side by side: what each tells, how far apart they are, which is slowest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from math import isfinite, nan

import numpy as np

from trainmon.incidents import Incident
from trainmon.ranks.side_by_side import in_words, medians
from trainmon.roles import Role
from trainmon.store.batch import HEADER, Floats
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.heat_cells import heat_cells
from trainmon.ui.charts.heatmap import typical_range
from trainmon.ui.charts.numbers import duration, number
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Range, Scale
from trainmon.ui.curves.curves import Curve, curve_in
from trainmon.ui.scene import Settings
from trainmon.view import RunView

_RECENT = 64
"""Newest values that the level of a rank is taken of: those of the last steps, on all ranks."""

WORK_TIME = "work time"
"""The measure of a rank's own time; the time of a step is that of all, who wait for one another."""

_LEVELS_KEPT = 8_192
"""Levels that are kept from one picture to the next: five measures of a thousand ranks, of which a
few have grown meanwhile."""

_COMPARED = 64
"""Ranks whose courses are compared at most: bounded, since this is done at each redraw."""

_HEADERS = 8
"""First events of a log among which its header is looked for."""

DECADE = 10.0
"""Ratio of the largest to the smallest typical value from which on shades are logarithmic."""

STRAGGLING = 1.15
"""Times the middle rank's time: from here on a rank is called slow; the rule asks for as much."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that every rank tells of its steps."""

    title: str
    heading: str
    """What it is called in a table."""
    metric: str
    spelled: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class RankChoice:
    """What is looked at: a measure by its title, and a rank by its number."""

    measure: str = ""
    rank: int = -1

    def ordered(self, measures: Sequence[Measure]) -> list[Measure]:
        """Return the measures from the chosen one on, and around."""
        at = next((at for at, each in enumerate(measures) if each.title == self.measure), 0)
        return [*measures[at:], *measures[:at]]

    def place(self, lanes: Sequence[LaneView]) -> int:
        """Return where the chosen rank stands among some lanes, or the first."""
        return next((at for at, lane in enumerate(lanes) if lane.rank == self.rank), 0)

    def next_measure(self, measures: Sequence[Measure]) -> "RankChoice":
        """Return the choice of the measure behind the one that is shown."""
        ordered = self.ordered(measures)
        return replace(self, measure=ordered[1 % len(ordered)].title) if ordered else self


def measures_of(run: RunView) -> list[Measure]:
    """Return what at least two ranks of a run tell, their own time first."""
    context = run.context
    work = next(iter(context.names(Role.WORK_TIME)), None)
    every = (
        (WORK_TIME, "work", work, duration),
        ("step time", "step", context.step_time, duration),
        ("loss", "loss", context.train_loss, number),
        ("gradient norm", "gradient", context.grad_norm, number),
        ("data wait", "wait", context.data_time, duration),
    )
    return [
        Measure(title, heading, metric, spelled)
        for title, heading, metric, spelled in every
        if metric and len([*islice(_tellers(run, metric), 2)]) > 1
    ]


@lru_cache(maxsize=_LEVELS_KEPT)
def level(lane: LaneView, metric: str) -> float:
    """Return the median of the newest values of a rank; NaN where it tells none."""
    samples = lane.series.get(metric)
    if samples is None or not len(samples):
        return nan
    return float(medians(samples.values[-_RECENT:]))


def courses(run: RunView, metric: str, settings: Settings) -> list[Curve | None]:
    """Return a metric of every rank; of very many, of those that are now the furthest apart."""
    lanes = run.lanes
    if len(lanes) > _COMPARED:
        ordered = sorted(_tellers(run, metric), key=lambda lane: np.nan_to_num(level(lane, metric)))
        lanes = (*ordered[: _COMPARED // 2], *ordered[-_COMPARED // 2 :])
    return [curve_in(lane, metric, settings) for lane in lanes]


def spread(found: Sequence[Curve | None], x: Scale, columns: int) -> tuple[Floats, Floats]:
    """Return places on an axis, and how far apart ranks are there: of the middle one, in percent.

    Where fewer than two ranks tell something there is nothing.
    """
    points = [Points.of(each.x, each.y) for each in found if each]
    values = heat_cells(points, x, columns).median
    told = np.isfinite(values).sum(axis=0) > 1
    values = values[:, told]
    share = (np.flatnonzero(told) + 0.5) / max(columns, 1)
    places = x.low * (1 - share) + x.high * share
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        apart = np.nanmax(values, axis=0) - np.nanmin(values, axis=0) if len(places) else places
        middle = np.abs(medians(values.T)) if len(places) else places
        return places, 100 * apart / middle


def range_of(run: RunView, measure: Measure) -> tuple[Range, bool]:
    """Return the range of what all ranks tell, and whether it is so wide that it is logarithmic.

    Scrolling does not change it.
    """
    every = [lane.series[measure.metric].values for lane in _tellers(run, measure.metric)]
    sampled = np.concatenate([values[:: -(-len(values) // _RECENT)] for values in every])
    low, high = typical_range(sampled, log=False)
    log = 0 < DECADE * low < high
    return typical_range(sampled, log=log), log


@dataclass(frozen=True, slots=True)
class Slowest:
    """The slowest rank: as a rule found it, or the one with the longest time of its own."""

    rank: int
    words: str
    times: float
    """Times the middle rank's time; NaN where that is not known."""
    finding: Incident | None = None


def slowest(run: RunView) -> Slowest | None:
    """Return the rank that all others wait for; None where nothing tells of the ranks' own time."""
    for finding in run.findings:
        if finding.rule == "straggler-rank" and not finding.cleared:
            speed, told = finding.evidence.get("speed"), finding.evidence.get("rank", finding.rank)
            times = 1 / speed if isinstance(speed, float) and speed > 0 else nan
            return Slowest(int(told), words_of(run, int(told)), times, finding)
    measure = next((each for each in measures_of(run) if each.title == WORK_TIME), None)
    if measure is None:
        return None
    levels = np.array([level(lane, measure.metric) for lane in run.lanes])
    if not np.isfinite(levels).any():
        return None
    at, middle = int(np.nanargmax(levels)), float(medians(levels))
    rank = run.lanes[at].rank
    times = float(levels[at]) / middle if middle > 0 else nan
    return Slowest(rank, words_of(run, rank), times)


def words_of(run: RunView, rank: int) -> str:
    """Return which rank it is and where it runs."""
    lane = next((lane for lane in run.lanes if lane.rank == rank), None)
    return in_words(rank, place_of(lane) if lane else {})


def place_of(lane: LaneView) -> Mapping[str, str | float]:
    """Return where a rank runs, as its header tells: host, GPU, number of the process there."""
    header = next((event for event in lane.events[:_HEADERS] if event.kind == HEADER), None)
    if header is None:
        return {}
    told = ((key, header.fields.get(key)) for key in ("host", "gpu", "local_rank"))
    return {
        key: value
        for key, value in told
        if isinstance(value, str) or (isinstance(value, int | float) and isfinite(value))
    }


def alone(run: RunView) -> str:
    """Return why there is nothing to compare, in words; empty where there are several ranks."""
    if len(run.lanes) > 1:
        return ""
    size = run.context.header.get("world_size")
    if isinstance(size, int | float) and size > 1:
        hint = "log = Writer(folder) # in each"
        return f"{size:,.0f} processes train, of which one has logged:\n{hint}"
    return "one process: there are no ranks to compare"


def _tellers(run: RunView, metric: str) -> "filter[LaneView]":
    return filter(lambda lane: bool(len(lane.series.get(metric, ()))), run.lanes)
