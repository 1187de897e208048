"""The waits for batches of a run: what is usual, what is a spike, and the worst ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.incidents import Incident
from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.curves import first_of, x_of
from trainmon.ui.curves.looking import shown_range
from trainmon.ui.scene import Settings
from trainmon.view import RunView

SPIKE = 8.0
"""Times the median: what is drawn as a spike, as the rule counts it."""

LEAST = 0.01
"""Seconds below which nothing is drawn as a spike, as the rule counts it."""

WORST = 5
"""Spikes that are told one by one, as the rule tells them."""

_LOOKED_AT = 100_000
"""Newest waits in sight that numbers are taken of: bounded, since this is done at each redraw."""

_HOST = ("cpu", "io_wait", "mem_used")
_GPU = "/util"
"""Readings that explain a stall."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits in sight, in seconds; equally long x and y."""

    metric: str
    x: Floats
    y: Floats
    recent: Floats
    """The newest of them that are finite."""

    @property
    def median(self) -> float:
        """The usual wait."""
        return float(np.median(self.recent)) if len(self.recent) else 0.0

    @property
    def limit(self) -> float:
        """What is longer is a spike."""
        return max(SPIKE * self.median, LEAST)

    @property
    def spikes(self) -> float:
        """The share of the newest waits that are spikes."""
        return float(np.mean(self.recent > self.limit)) if len(self.recent) else 0.0


@dataclass(frozen=True, slots=True)
class Spike:
    """One long wait: where it was, and what the machine did then."""

    number: int
    """1 is the worst."""
    wait: float
    """Seconds."""
    step: float
    """NaN where the log tells none."""
    place: float
    """Where it stands on the axis; NaN where that is not known."""
    machine: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """By the names of the format, without ``sys/``."""

    @property
    def gpu(self) -> float | None:
        """How busy the GPUs were, in the mean."""
        told = [value for name, value in self.machine.items() if name.endswith(_GPU)]
        return float(np.mean(told)) if told else None


def waits_of(run: RunView, settings: Settings) -> Waits | None:
    """Return the waits of a run in the part of it that is shown; None if it tells none."""
    found = first_of(run, settings, Role.DATA_TIME)
    if found is None:
        return None
    x, y = found.x, found.y
    reach = shown_range(run, settings)
    if reach:
        inside = (x >= reach[0]) & (x <= reach[1])
        x, y = x[inside], y[inside]
    newest = y[-_LOOKED_AT:]
    return Waits(found.name, x, y, newest[np.isfinite(newest)])


def spikes_found(run: RunView) -> Incident | None:
    """Return the finding of spikes of the lead rank's loader, if there is one that is not over."""
    found = (finding for finding in run.findings if finding.rule == "loader-spikes")
    here = (finding for finding in found if finding.rank == run.lead.rank)
    return next((finding for finding in here if not finding.cleared), None)


def rhythm(finding: Incident | None) -> list[Part]:
    """Return how often spikes come, in words; nothing if nothing was found."""
    if finding is None:
        return []
    evidence = finding.evidence
    if "period" in evidence:
        matches = f", {evidence['matches']}" if evidence.get("matches") else ""
        return [(f"every {evidence['period']:.3g} batches{matches}", Ink.WARNING)]
    if "spacing" not in evidence:
        return []
    return [(f"about every {evidence['spacing']:.3g} batches, no period", Ink.DIM)]


def worst_of(run: RunView, settings: Settings) -> list[Spike]:
    """Return the worst spikes that the rule found, else the longest waits; the worst first."""
    finding = spikes_found(run)
    told = finding.evidence.get("worst") if finding else None
    name = next(iter(run.context.names(Role.DATA_TIME)), None)
    samples = run.drawn.series.get(name) if name else None
    if samples is None or not len(samples):
        return []
    if isinstance(told, (list, tuple)):
        steps = run.drawn.steps[samples.rows]
        every = (each for each in told if isinstance(each, Mapping))
        return [_found(run, settings, at, each, steps) for at, each in enumerate(every, start=1)]
    ordered = np.where(np.isfinite(samples.values), samples.values, -np.inf)
    count = min(WORST, len(ordered))
    longest = np.argpartition(-ordered, count - 1)[:count]
    longest = longest[np.argsort(-ordered[longest], kind="stable")]
    rows = samples.rows[longest]
    steps, places = run.drawn.steps[rows], x_of(run.drawn, settings, rows)
    return [
        Spike(number, float(ordered[at]), float(step), float(place), _logged(run, int(row)))
        for number, (at, row, step, place) in enumerate(
            zip(longest, rows, steps, places, strict=True), start=1
        )
        if ordered[at] > 0
    ]


def _found(
    run: RunView, settings: Settings, number: int, told: Mapping[str, Any], steps: Floats
) -> Spike:
    """Return a spike as the rule tells it, with its place among the steps of all waits."""
    step, wait = float(told.get("step", np.nan)), float(told.get("wait", np.nan))
    at = int(np.searchsorted(steps, step))
    place = np.nan
    if at < len(steps) and steps[at] == step:
        name = next(iter(run.context.names(Role.DATA_TIME)))
        rows = run.drawn.series[name].rows[at : at + 1]
        place = float(x_of(run.drawn, settings, rows)[0])
    readings = {k: float(v) for k, v in told.items() if k not in ("step", "wait")}
    return Spike(number, wait, step, place, MappingProxyType(readings))


def _logged(run: RunView, row: int) -> Mapping[str, float]:
    """Return what the log tells of the machine up to a row."""
    readings = {}
    for name in run.context.names(Role.SYSTEM):
        short = name.removeprefix("sys/")
        samples = run.drawn.series.get(name)
        if samples is not None and (short in _HOST or short.endswith(_GPU)):
            (end,) = samples.positions(row + 1)
            if end:
                readings[short] = float(samples.values[end - 1])
    return MappingProxyType(readings)
