"""One frozen view of everything, published by the monitor and shared by screen, check and report.

A view is never changed after it was published; its arrays are read-only and safe to keep.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from pathlib import PurePath

import numpy as np

from trainmon.causes.diagnosis import Diagnosis
from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.decisions import Decided
from trainmon.incidents import Incident, Key, Regard
from trainmon.probes.sample import GpuProcess
from trainmon.rule import Severity
from trainmon.store.lane_view import LaneView
from trainmon.store.timeline import Timeline


class Status(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    STALLED = "stalled"
    CRASHED = "crashed"
    UNKNOWN = "unknown"
    """The log just ends, and nothing on this machine knows more."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A rule that could not look, what it lacks, and the line of code that would log it."""

    rule: str
    missing: tuple[str, ...]
    log: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it stood at one moment."""

    key: str
    """What tells it from all others: its path, and its number where a file holds several."""
    name: str
    path: str
    format: str
    status: Status
    lanes: tuple[LaneView, ...]
    """One for each rank that was read, the lowest first."""
    context: Context = field(default_factory=Context)
    findings: tuple[Incident, ...] = ()
    """Those that lead first, the worst first; then what is known, what is over, what is muted."""
    diagnosis: tuple[Diagnosis, ...] = ()
    clear: tuple[str, ...] = ()
    """Rules that looked and found everything in order."""
    not_judged: tuple[NotJudged, ...] = ()
    superseded: bool = False
    """A later run in the same file took its place."""
    number: int = 1
    """Which run of its file it is, the first being 1."""
    local: bool = False
    """Its process runs, or ran, on this machine."""
    pids: tuple[int, ...] = ()
    """Of the processes of its ranks that are on this machine, while it runs here."""
    grew: float | None = None
    """When the log was last seen to grow, in Unix seconds; None if not while it was watched."""
    notices: tuple[str, ...] = ()
    chance: tuple[Chance, ...] = ()
    """What the loss of a model is that ignores its inputs."""
    preview: LaneView | None = None
    """Samples of the whole log while it is being read and judged."""
    decisions: tuple[Decided, ...] = ()
    """What was decided on it so far, the earliest first: it makes the findings."""
    decisions_left_out: int = 0
    """How many of the older ones are not kept any more."""

    @property
    def lead(self) -> LaneView:
        """The lane that is judged for the whole run: that of the lowest rank."""
        return self.lanes[0]

    @property
    def drawn(self) -> LaneView:
        """The lane whose curves are drawn: the lead's, once it has been read."""
        return self.preview or self.lead

    @property
    def records(self) -> int:
        """Metrics records of all ranks."""
        return sum(lane.records for lane in self.lanes)

    @property
    def last_step(self) -> float | None:
        """The step of the last record that tells one."""
        return _last_told(self.lead.steps)

    @property
    def last_epoch(self) -> float | None:
        """The epoch of the last record that tells one."""
        return _last_told(self.lead.epochs)

    @property
    def reached(self) -> tuple[float | None, float | None]:
        """How far the run has come, in steps and epochs: further than what is judged so far."""
        return _last_told(self.drawn.steps), _last_told(self.drawn.epochs)

    @property
    def last_time(self) -> float | None:
        """The time of the last record that tells one, in Unix seconds."""
        return _last_told(self.lead.times)

    @property
    def worst(self) -> Incident | None:
        """The finding to show first: the worst that is open and not known already."""
        return next((incident for incident in self.findings if incident.leads), None)

    @property
    def trouble(self) -> Incident | None:
        """The finding that a verdict speaks of: the worst, where it is more than info."""
        worst = self.worst
        return worst if worst is not None and worst.standing > Severity.INFO else None

    def finding(self, key: Key) -> Incident | None:
        """Return the finding of this key, or None."""
        return next((incident for incident in self.findings if incident.key == key), None)

    def findings_at(self, level: Severity) -> tuple[Incident, ...]:
        """Return the findings that reached at least this severity, less what is muted."""
        counting = (i for i in self.findings if i.regard is not Regard.MUTED)
        return tuple(incident for incident in counting if incident.severity >= level)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the probes of this machine read last."""

    time: float
    """Unix seconds."""
    readings: Mapping[str, float]
    """By the names of the format, without ``sys/``: ``gpu0/util``, ``cpu``, ``mem_used`` ..."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What devices are called: ``gpu0`` -> ``NVIDIA H100``."""
    notes: tuple[str, ...] = ()
    """What cannot be read, in words: "no NVIDIA driver"."""
    processes: tuple[GpuProcess, ...] = ()
    """Who holds memory of the GPUs."""
    gpus_of: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The GPUs of each process of a run by its pid: those that it holds memory of, or else all
    that it may use."""
    cores: bytes = b""
    """How busy each core of the host is, in percent."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each probe took, by what it reads: ``GPU``, ``host``."""


@dataclass(frozen=True, slots=True)
class FileView:
    """How one file was read."""

    path: str
    format: str
    """The id of its format; empty if it is in none, or not known yet."""
    bytes_read: int
    skipped: Mapping[str, int]
    """How much could not be understood, by reason."""
    remarks: tuple[str, ...] = ()
    """How it was understood, where that is no matter of course."""
    settings: tuple[str, ...] = ()
    """The files beside it that told its configuration."""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Everything at one moment."""

    revision: int
    """Grows with every change of a run; two views of one revision show the same runs."""
    now: float
    """Unix seconds."""
    runs: tuple[RunView, ...] = ()
    """The run that logged last comes first; superseded ones come last, numbered in their file."""
    machine: Machine | None = None
    reading: float | None = None
    """The share of bytes read, while there is a backlog; None when all has been read."""
    notices: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    """Given paths that could not be read at all, each with its reason."""
    files: tuple[FileView, ...] = ()
    """All files that were looked at and are of some format, or were asked for."""

    def run(self, key: str) -> RunView | None:
        """Return the run of this key, or None."""
        return next((run for run in self.runs if run.key == key), None)


def in_order(runs: Collection[RunView]) -> tuple[RunView, ...]:
    """Return runs as a view holds them: the newest first, those of one name told apart.

    These get the name of the folder that holds theirs before their own; where that is the same too,
    as where a script gives all its runs one name, they are called as their folders are.
    """
    named = Counter(run.name for run in runs if not run.superseded)
    alike = [run for run in runs if named[run.name] > 1 and not run.superseded]
    held = Counter((run.name, PurePath(run.path).parent.name) for run in alike)
    told_apart = (replace(run, name=_name(run, named[run.name], held)) for run in runs)
    return tuple(sorted(told_apart, key=_newest_first))


def _name(run: RunView, count: int, held: Counter[tuple[str, str]]) -> str:
    """Return what a run is called among the `count` of its name, of which folders hold some."""
    if run.superseded:
        return f"{run.name} #{run.number}"
    if count <= 1:
        return run.name
    path = PurePath(run.path)
    folder = path.parent.name
    if held[run.name, folder] > 1:
        return path.name
    return f"{folder}/{run.name}" if folder else run.name


def _newest_first(run: RunView) -> tuple[bool, float, str, int]:
    return run.superseded, -(run.last_time or 0.0), run.path, -run.number


def _last_told(column: Timeline) -> float | None:
    """Return the last finite value, looking back over a bounded number of rows."""
    if len(column) and isfinite(last := float(column[-1])):  # as nearly always
        return last
    for value in column[: -_AT_ONCE - 1 : -1].tolist():
        if isfinite(value):
            return float(value)
    before = column[-_LOOK_BACK:]
    told = np.flatnonzero(np.isfinite(before))
    return float(before[told[-1]]) if len(told) else None


_AT_ONCE = 100
"""Rows looked at one by one: in nearly all logs the last one has a place."""

_LOOK_BACK = 100_000
"""Rows looked back over for a step or a time: a log that told none for so long tells none. A run
that hangs may go on for a day to tell of its machine alone, each second."""
