"""The life of findings: opened, worsened, repeated, cleared. One incident is one line."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType

from trainmon.rule import Event, EventKind, Evidence, Severity
from trainmon.store.lane import Lane
from trainmon.store.timeline import Timeline

Place = float | None
"""A step, epoch or time; None where the log tells none."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A finding from its first decision to its last."""

    rule: str
    severity: Severity
    """The worst it reached."""
    title: str
    metric: str | None
    rank: int
    row: int
    """Where the rule first spoke; `step`, `epoch` and `time` tell the same place."""
    step: Place
    epoch: Place
    time: Place
    onset_row: int
    onset_step: Place
    onset_epoch: Place
    last_row: int
    last_step: Place
    cleared: bool = False
    live: bool = False
    times: int = 1
    """How often it opened."""
    evidence: Evidence = field(default_factory=lambda: MappingProxyType({}))

    @property
    def since(self) -> str:
        """Since when, in words: the epoch of the onset where epochs are whole, else its step."""
        epoch = self.onset_epoch
        if epoch is not None and epoch == int(epoch):
            return f"since epoch {epoch:.0f}"
        if self.onset_step is not None:
            return f"since step {self.onset_step:,.0f}"
        return f"since epoch {epoch:.3g}" if epoch is not None else ""

    @property
    def heading(self) -> str:
        """Its mark, its rule and since when: what a line about it begins with."""
        return " ".join(filter(None, (self.severity.glyph, self.rule, self.since)))

    @property
    def key(self) -> tuple[str, str | None, int]:
        """What makes two events one incident."""
        return self.rule, self.metric, self.rank


class Incidents:
    """The incidents of one run, by what they are about. Owned by the monitor thread."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str | None, int], Incident] = {}

    def apply(self, rule: str, event: Event, lane: Lane, *, live: bool = False) -> Incident:
        """Take one event in and return its incident as it stands then.

        The evidence is that of the latest event; that of a lesser reopening does not replace it.
        """
        key = (rule, event.metric, lane.rank)
        incident = self._open.get(key)
        if incident is None:
            incident = _opened(rule, event, lane, live=live)
        elif event.kind == EventKind.CLEARED:
            incident = replace(incident, cleared=True)
        else:
            incident = replace(
                incident,
                cleared=False,
                severity=max(incident.severity, event.severity),
                times=incident.times + (event.kind == EventKind.OPENED and incident.cleared),
            )
            if event.severity >= incident.severity:
                evidence = MappingProxyType({**incident.evidence, **event.evidence})
                incident = replace(incident, title=event.title, evidence=evidence)
        last_step = _place(lane.steps, event.row)
        self._open[key] = incident = replace(incident, last_row=event.row, last_step=last_step)
        return incident

    def close_live(self, rule: str, lane: Lane) -> None:
        """Clear what a live rule found earlier and finds no more."""
        for key, incident in self._open.items():
            if incident.rule == rule and incident.rank == lane.rank and incident.live:
                self._open[key] = replace(incident, cleared=True)

    def all(self) -> Collection[Incident]:
        """Return all incidents, each as its own rule sees it."""
        return self._open.values()


def ranked(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Return incidents in order: open before cleared, worst first, earliest first."""
    return tuple(
        sorted(
            incidents,
            key=lambda i: (i.cleared, -i.severity, i.onset_row, i.rule, i.rank, i.metric or ""),
        )
    )


def _opened(rule: str, event: Event, lane: Lane, *, live: bool) -> Incident:
    return Incident(
        rule=rule,
        severity=event.severity,
        title=event.title,
        metric=event.metric,
        rank=lane.rank,
        row=event.row,
        step=_place(lane.steps, event.row),
        epoch=_place(lane.epochs, event.row),
        time=_place(lane.times, event.row),
        onset_row=event.onset,
        onset_step=_place(lane.steps, event.onset),
        onset_epoch=_place(lane.epochs, event.onset),
        last_row=event.row,
        last_step=_place(lane.steps, event.row),
        cleared=event.kind == EventKind.CLEARED,
        live=live,
        evidence=MappingProxyType(dict(event.evidence)),
    )


def _place(column: Timeline, row: int) -> Place:
    if not 0 <= row < len(column):
        return None
    value = float(column[row])
    return value if isfinite(value) else None
