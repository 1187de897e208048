"""How a log was understood, as facts: what ``trainmon formats FILE`` tells in text and in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePath

import numpy as np

from trainmon.configuration import READ_KEYS, Setting
from trainmon.roles import Direction, Role
from trainmon.store.batch import Floats
from trainmon.view import FileView, RunView, View


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a run."""

    name: str
    role: Role
    direction: Direction
    unit: str
    samples: int
    last: float
    told: bool = False
    """Whether a person said what it is."""


@dataclass(frozen=True, slots=True)
class UnderstoodRun:
    """One run and the files that it was read from."""

    run: RunView
    files: tuple[FileView, ...]
    steps: tuple[float, float] | None
    """The least and the largest step; None where none are told."""
    epochs: tuple[float, float] | None
    rewinds: int
    metrics: tuple[Metric, ...]
    """Those that are judged first."""
    config: Mapping[str, Setting]
    """Those settings that rules read."""


def understood(view: View) -> tuple[UnderstoodRun, ...]:
    """Return the runs of a view as they were understood, superseded ones last."""
    owners = _owners(view)
    return tuple(
        _understood(run, tuple(file for file in view.files if owners.get(file.path) == run.path))
        for run in view.runs
    )


def unowned(view: View) -> tuple[FileView, ...]:
    """Return the files that led to no run."""
    owners = _owners(view)
    return tuple(file for file in view.files if file.path not in owners)


_LATER = (Role.LOSS_PART, Role.VAL_LOSS_PART, Role.PART_METRIC)
"""Parts stand after what is whole: detectors have dozens of them."""

_ORDER = {
    role: place
    for place, role in enumerate((*(role for role in Role if role not in _LATER), *_LATER))
}


def _understood(run: RunView, files: tuple[FileView, ...]) -> UnderstoodRun:
    context, lane = run.context, run.lead
    metrics = []
    for name, samples in lane.series.items():
        role = context.role(name)
        last = float(samples.values[-1]) if len(samples) else float("nan")
        told = context.roles.overrides.names(name)
        direction = context.direction(name)
        metrics.append(Metric(name, role.role, direction, role.unit, len(samples), last, told))
    return UnderstoodRun(
        run=run,
        files=files,
        steps=_range(lane.steps[:]),
        epochs=_range(lane.epochs[:]),
        rewinds=len(lane.rewinds),
        metrics=tuple(sorted(metrics, key=lambda metric: _ORDER[metric.role])),
        config={key: context.settings[key] for key in READ_KEYS if key in context.settings},
    )


def _owners(view: View) -> dict[str, str]:
    """Return the path of the run that each file tells of: the nearest one of the same format.

    The folder of one run may hold those of others, such as a trainer's own log and TensorBoard's.
    """
    formats = {run.path: run.format for run in view.runs}
    owners = {}
    for file in view.files:
        path = PurePath(file.path)
        at = next((str(each) for each in (path, *path.parents) if str(each) in formats), None)
        if at is not None and formats[at] == file.format:
            owners[file.path] = at
    return owners


def _range(column: Floats) -> tuple[float, float] | None:
    told = column[np.isfinite(column)]
    return (float(told.min()), float(told.max())) if len(told) else None


def last_value(metric: Metric) -> str:
    """Return the last value of a metric in a few digits."""
    return f"{metric.last:.4g}" if isfinite(metric.last) else str(metric.last)
