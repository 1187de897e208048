"""The life of findings: opened, worsened, repeated, cleared. One incident is one line."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from trainmon.decisions import Decided, Place, decided
from trainmon.rule import Event, EventKind, Evidence, Severity
from trainmon.store.lane import Lane

Key = tuple[str, str | None, int]
"""What an incident is about: a rule, its metric, the rank."""


class Regard(StrEnum):
    """What a person has said of a finding."""

    NONE = ""
    ACKNOWLEDGED = "acknowledged"
    """It is known: it leads no verdict until it gets worse or opens again."""
    MUTED = "muted"
    """It is of no interest: it counts for nothing."""


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
    reopened: Severity | None = None
    """The worst since it opened again, if it did."""
    regard: Regard = Regard.NONE
    ranks: tuple[int, ...] = ()
    """All ranks that have this trouble, where it stands for them in a list; see `many_ranks`."""

    @property
    def called(self) -> str:
        """Its rule, and on how many ranks it is where it stands for several."""
        if not self.ranks:
            return self.rule
        return f"{self.rule} on {len(self.ranks):,} ranks (worst: rank {self.rank})"

    @property
    def standing(self) -> Severity:
        """The worst since it opened last: a trouble that came back milder is as bad as that."""
        return self.severity if self.reopened is None else self.reopened

    @property
    def leads(self) -> bool:
        """Whether a verdict may speak of it: it is open, and nobody has said it is known."""
        return not self.cleared and self.regard is Regard.NONE

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
        return " ".join(filter(None, (self.severity.glyph, self.called, self.since)))

    @property
    def state(self) -> str:
        """What else is to be known of it, in words: on which rank, over, how often, what was said.

        The first rank stands for the run, and one that the title names needs no other word.
        """
        named = re.search(rf"\brank {self.rank}\b", self.title)
        words = [f"rank {self.rank}"] if self.rank and not (named or self.ranks) else []
        words += ["over"] if self.cleared else []
        words += [f"{self.times:,} times"] if self.times > 1 else []
        words += [self.regard.value] if self.regard else []
        return ", ".join(words)

    @property
    def key(self) -> Key:
        """What makes two events one incident."""
        return self.rule, self.metric, self.rank


class Incidents:
    """The incidents of one run, by what they are about. Owned by the monitor thread.

    `gauges` names for each rule the number of its evidence that tells how bad it is, if it has one.
    """

    def __init__(self, gauges: Mapping[str, str] | None = None) -> None:
        self._incidents: dict[Key, Incident] = {}
        self._gauges = gauges or {}

    def take(self, decision: Decided) -> Incident:
        """Take one decision in and return its incident as it stands then.

        What is told of it is the worst: a decision of less severity, or of one that its rule's
        gauge puts lower, changes no title and no evidence; among equals the latest counts.
        """
        known = self._incidents.get(decision.key)
        incident = self._gone_on(known, decision) if known else _opened(decision)
        self._incidents[decision.key] = incident
        return incident

    def look(self, rule: str, event: Event | None, lane: Lane) -> list[Decided]:
        """Take in what a live rule finds now, or that it finds nothing; return what that decides.

        It looks every second, so that the same finding again decides nothing.
        """
        if event is None:
            return [self._over(incident, lane) for incident in self._found_live(rule, lane)]
        decision = decided(rule, event, lane, live=True)
        known = self._incidents.get(decision.key)
        if known is None or known.cleared:
            kind = EventKind.OPENED
        elif event.severity > known.standing:
            kind = EventKind.WORSENED
        else:
            kind = EventKind.REPEATED
        decision = replace(decision, kind=kind)
        self.take(decision)
        return [decision] if kind != EventKind.REPEATED else []

    def all(self) -> Collection[Incident]:
        """Return all incidents, each as its own rule sees it."""
        return self._incidents.values()

    def _found_live(self, rule: str, lane: Lane) -> list[Incident]:
        found = (i for i in self._incidents.values() if i.rule == rule and i.rank == lane.rank)
        return [incident for incident in found if incident.live and not incident.cleared]

    def _over(self, incident: Incident, lane: Lane) -> Decided:
        """Clear what a live rule found earlier and finds no more."""
        row = max(lane.n_rows - 1, 0)
        severity, onset = incident.standing, incident.onset_row
        event = Event(EventKind.CLEARED, row, onset, severity, incident.title, incident.metric)
        decision = decided(incident.rule, event, lane, live=True)
        self.take(decision)
        return decision

    def _gone_on(self, known: Incident, decision: Decided) -> Incident:
        known = replace(known, last_row=decision.row, last_step=decision.step)
        if decision.kind == EventKind.CLEARED:
            return replace(known, cleared=True)
        again = known.cleared
        lately = decision.severity if again else max(known.standing, decision.severity)
        incident = replace(
            known,
            cleared=False,
            severity=max(known.severity, decision.severity),
            reopened=lately if again or known.reopened is not None else None,
            times=known.times + again,
            live=decision.live and (again or known.live),
        )
        if self._is_lesser(known, decision):
            return incident
        evidence = dict(decision.evidence) if again else {**known.evidence, **decision.evidence}
        return replace(incident, title=decision.title, evidence=MappingProxyType(evidence))

    def _is_lesser(self, known: Incident, decision: Decided) -> bool:
        """Return whether a decision tells of less than what an incident tells already."""
        if decision.severity != known.severity:
            return decision.severity < known.severity
        gauge = self._gauges.get(decision.rule, "")
        now, before = decision.evidence.get(gauge), known.evidence.get(gauge)
        if not isinstance(now, (int, float)) or not isinstance(before, (int, float)):
            return False
        return now < before


def ranked(incidents: Iterable[Incident], causes: Collection[str] = ()) -> tuple[Incident, ...]:
    """Return incidents in order: those that lead, the worst and earliest first; muted ones last.

    Among equals those go first that are called as a cause of the trouble is: they tell the most.
    """

    def need(incident: Incident) -> tuple[bool | int | str, ...]:
        known, muted = incident.regard is not Regard.NONE, incident.regard is Regard.MUTED
        severity = incident.severity if incident.cleared else incident.standing
        how_bad = (-severity, incident.rule not in causes, incident.onset_row)
        about = (incident.rule, incident.rank, incident.metric or "")
        return (muted, incident.cleared, known, *how_bad, *about)

    return tuple(sorted(incidents, key=need))


def _opened(decision: Decided) -> Incident:
    return Incident(
        rule=decision.rule,
        severity=decision.severity,
        title=decision.title,
        metric=decision.metric,
        rank=decision.rank,
        row=decision.row,
        step=decision.step,
        epoch=decision.epoch,
        time=decision.time,
        onset_row=decision.onset_row,
        onset_step=decision.onset_step,
        onset_epoch=decision.onset_epoch,
        last_row=decision.row,
        last_step=decision.step,
        cleared=decision.kind == EventKind.CLEARED,
        live=decision.live,
        evidence=decision.evidence,
    )
