"""A run that another one is compared with: its settings and its curves, as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from trainmon.configuration import Setting, number_in
from trainmon.effective_batch import effective_batch
from trainmon.roles import Direction, Role, RunRoles
from trainmon.roles.name import parsed
from trainmon.store.batch import Floats, Rows, Samples
from trainmon.store.lane_view import LaneView

CURVES_LIMIT = 128
"""Curves that are kept; detectors log some dozens that could be compared."""

POINTS_LIMIT = 2_048
"""Points that are kept of a curve: with all its axes some 10 MB at most for all curves."""

_REWINDS_LIMIT = 64
"""Resumes whose redone part is left out; a log with more is taken as it is."""

_COMPARED = (
    Role.VAL_METRIC,
    Role.RETURN,
    Role.VAL_LOSS,
    Role.TRAIN_LOSS,
    Role.LEARNING_RATE,
    Role.TRAIN_METRIC,
    Role.OTHER,
    Role.VAL_LOSS_PART,
    Role.LOSS_PART,
)
"""Roles whose curves are kept, the ones that matter most first."""


class Axis(StrEnum):
    """What two runs can have in common along their way, the fairest first."""

    SAMPLES = "samples"
    """Examples seen in training."""
    TOKENS = "tokens"
    EPOCH = "epoch"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric: its values, and where each stands on the axes that the log tells of."""

    values: Floats
    places: Mapping[Axis, Floats]

    def on(self, axis: Axis) -> tuple[Floats, Floats]:
        """Return the places on an axis, ascending, and the values there; empty if it tells none."""
        places = self.places.get(axis, _EMPTY)
        told = np.flatnonzero(np.isfinite(places))
        order = told[np.argsort(places[told], kind="stable")]
        return places[order], self.values[order]


_EMPTY = np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Reference:
    """A run to compare with. Pure data, so that it may be kept and shared."""

    name: str
    settings: Mapping[str, Setting]
    """By the names that rules read, and by the project's own."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """By metric."""
    roles: RunRoles = field(default_factory=RunRoles)
    monitored: tuple[str, Direction] | None = None
    """The metric that decides, and which way it is better, if the configuration tells."""
    counted: bool = False
    """Whether the samples seen are told, and not worked out from steps and batch size."""

    def direction(self, name: str) -> Direction:
        """Return which way a metric is better."""
        if self.monitored and self.monitored[0] == name:
            return self.monitored[1]
        return self.roles.of(name).direction


def reference_of(
    name: str,
    settings: Mapping[str, Setting],
    roles: RunRoles,
    lane: LaneView,
    *,
    monitored: tuple[str, Direction] | None = None,
) -> Reference:
    """Return a run as one to compare with; a long curve as medians of neighbouring values."""
    names = [each for role in _COMPARED for each in roles.by_role.get(role, ())]
    axes = _Axes(lane, settings)
    kept = [each for each in names if each in lane.series][:CURVES_LIMIT]
    curves = {each: axes.curve(lane.series[each]) for each in kept}
    return Reference(
        name,
        MappingProxyType(dict(settings)),
        MappingProxyType(curves),
        roles,
        monitored,
        axes.counted,
    )


class _Axes:
    """Tells where the rows of a lane stand on all axes that its log tells of."""

    def __init__(self, lane: LaneView, settings: Mapping[str, Setting]) -> None:
        self._lane = lane
        self._counters = {
            axis: counter
            for axis, words in COUNTED.items()
            if (counter := _cumulative(lane, words)) is not None
        }
        self._batch = effective_batch(settings)
        self._train_samples = number_in(settings, "train_samples")
        self.counted = Axis.SAMPLES in self._counters or bool(self._train_samples)

    def curve(self, samples: Samples) -> Curve:
        """Return the curve of a metric, without what a resume redid."""
        kept = _kept(self._lane, samples.rows)
        rows, values = samples.rows[kept], samples.values[kept]
        width = -(-len(rows) // POINTS_LIMIT) or 1
        places = {axis: _lasts(place, width) for axis, place in self._places(rows)}
        return Curve(_medians(values, width), MappingProxyType(places))

    def _places(self, rows: Rows) -> Iterator[tuple[Axis, Floats]]:
        steps, epochs = self._lane.steps[rows], self._lane.epochs[rows]
        for axis, counter in self._counters.items():
            yield axis, np.interp(rows, counter.rows, counter.values)
        if Axis.SAMPLES not in self._counters:
            if self._train_samples and np.isfinite(epochs).any():
                yield Axis.SAMPLES, epochs * self._train_samples
            elif self._batch:
                yield Axis.SAMPLES, steps * self._batch
        yield Axis.EPOCH, epochs
        yield Axis.STEP, steps


COUNTED = {
    Axis.SAMPLES: frozenset({"samples", "consumed_samples", "samples_seen", "train_samples_seen"}),
    Axis.TOKENS: frozenset({"tokens", "consumed_tokens", "tokens_seen", "num_input_tokens_seen"}),
}
"""Metrics that count what was seen so far."""


def _cumulative(lane: LaneView, words: frozenset[str]) -> Samples | None:
    """Return the metric of one of these names that counts up, if there is one."""
    for name, samples in lane.series.items():
        counts = parsed(name).word in words and len(samples) > 1
        if counts and samples.values[-1] > samples.values[0] and not lane.rewinds:
            return samples if bool((np.diff(samples.values) >= 0).all()) else None
    return None


def _kept(lane: LaneView, rows: Rows) -> NDArray[np.bool_]:
    """Return which of some ascending rows no later resume redid."""
    kept = np.ones(len(rows), dtype=np.bool_)
    if len(lane.rewinds) > _REWINDS_LIMIT:
        return kept
    steps = lane.steps[rows]
    for row in lane.rewinds:
        before = int(np.searchsorted(rows, np.int32(row)))
        kept[:before] &= ~(steps[:before] >= lane.steps[row])
    return kept


def _lasts(places: Floats, width: int) -> Floats:
    """Return the last place of every `width` neighbours."""
    ends = np.append(np.arange(width - 1, len(places) - 1, width), len(places) - 1)
    return places[ends] if len(places) else places


def _medians(values: Floats, width: int) -> Floats:
    """Return the median of every `width` neighbours, the last ones fewer.

    NaN is greater than all numbers here, so it takes half of them to make a median NaN.
    """
    if width == 1:
        return values
    whole = len(values) - len(values) % width
    medians = np.sort(values[:whole].reshape(-1, width), axis=1)[:, width // 2]
    rest = np.sort(values[whole:])
    return np.append(medians, rest[len(rest) // 2]) if len(rest) else medians
