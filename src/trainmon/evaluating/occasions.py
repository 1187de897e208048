"""Evaluations one after the other, whether an event tells them, metrics do, or both.

An evaluation may stand in several records: an event, then its metrics, or each metric in a record
of its own. It is judged once, at the first record at which enough is known.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import TypeVar

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.event import EvaluationEvent, evaluation_of, evaluations_in
from trainmon.evaluating.metrics import Group, groups, rows_of, same_evaluation
from trainmon.record import EventKind
from trainmon.rule import Block, Event

Found = TypeVar("Found")
Place = tuple[str, float]
"""What tells one evaluation from the next: its step, or else its epoch, or else its row."""

_EVENTS_LOOKED_AT = 8
"""Events looked back over for the one of an evaluation: it stands just before its metrics."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far an evaluation was read."""

    place: Place = ("", -1.0)
    """Where it stands in the run."""
    settled: bool = True
    """Whether it is known what it tells: what its later records add changes nothing."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a rule has seen of the evaluations. Immutable."""

    streaks: Mapping[str, Streak] = field(default_factory=lambda: MappingProxyType({}))
    """By metric."""
    readings: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    """By group of metrics."""

    @property
    def awaits(self) -> bool:
        """Whether a trouble is being counted, or an evaluation goes on: then each row matters."""
        counts = any(streak.count for streak in self.streaks.values())
        return counts or not all(reading.settled for reading in self.readings.values())


@dataclass(frozen=True, slots=True)
class Occasion:
    """A row at which an evaluation tells something."""

    row: int
    group: Group
    told: EvaluationEvent | None
    """Its event, if one has told it by then."""
    metric: str
    """The metric under which a finding on it is told: one for all of a log."""
    is_event: bool = False
    """Whether its event stands in this row, and not its metrics."""

    @property
    def name(self) -> str:
        """The evaluation in words."""
        return f"the {self.group.key} evaluation" if self.group.key else "the evaluation"


def followed(
    ledger: Ledger,
    occasions: Iterator[Occasion],
    block: Block,
    look: Callable[[Occasion], tuple[Found | None, bool]],
    decide: Callable[[Streak, Occasion, Found | None], tuple[Streak, list[Event]]],
) -> tuple[Ledger, list[Event]]:
    """Return the ledger after the evaluations of a block, and what was decided.

    `look` returns what an evaluation shows as far as it is known, and whether that is certain;
    `decide` is asked once for each evaluation, with None if it showed nothing to its end.
    """
    streaks, readings = dict(ledger.streaks), dict(ledger.readings)
    events = list[Event]()

    def settle(occasion: Occasion, found: Found | None) -> None:
        streak = streaks.get(occasion.metric, Streak())
        streaks[occasion.metric], now = decide(streak, occasion, found)
        events.extend(now)

    for occasion in occasions:
        reading, place = readings.get(occasion.group.key, Reading()), _place(block, occasion.row)
        if reading.place != place:
            if not reading.settled:
                settle(occasion, None)
            reading = Reading(place, settled=False)
        if not reading.settled:
            found, certain = look(occasion)
            if certain:
                settle(occasion, found)
                reading = Reading(place, settled=True)
        readings[occasion.group.key] = reading
    return Ledger(streaks, readings), events


def occasions(
    context: Context, block: Block, quantity: str, judged: Callable[[Group], bool]
) -> Iterator[Occasion]:
    """Yield the rows of a block at which evaluations tell something, ascending.

    Findings are told of the metric that measures `quantity`; groups that are not `judged` are left
    out, but for their events.
    """
    by_key = {group.key: group for group in groups(context)}
    found: list[tuple[int, Group, EvaluationEvent | None]] = []
    for row, told in evaluations_in(block.events):
        key = told.split or "val"
        found.append((row, by_key.get(key, Group(key, {})), told))
    for group in filter(judged, by_key.values()):
        found += [(row, group, None) for row in rows_of(block, group.names)]
    for row, group, event in sorted(found, key=lambda occasion: occasion[0]):
        here = event or _event_at(block, group.key, row)
        metric = _metric(context, group, quantity)
        yield Occasion(row, group, here, metric, is_event=event is not None)


def _place(block: Block, row: int) -> Place:
    """Return what tells the evaluation at a row from others."""
    for unit, places in (("step", block.steps), ("epoch", block.epochs)):
        here = float(places[row])
        if isfinite(here):
            return unit, here
    return "row", float(row)


def _metric(context: Context, group: Group, quantity: str) -> str:
    """Return the name of a quantity: as the writer calls it where there are events."""
    if "evaluation" in context.heard or not group.names:
        return f"{group.key or 'val'}/{quantity}"
    return group.names.get(quantity) or next(iter(group.names.values()))


def _event_at(block: Block, group: str, row: int) -> EvaluationEvent | None:
    """Return the event of the evaluation whose metrics stand at a row."""
    events = block.lane.events
    upto = bisect_right(events, row, key=lambda event: event.row)
    for event in reversed(events[max(0, upto - _EVENTS_LOOKED_AT) : upto]):
        if event.kind == EventKind.EVALUATION and same_evaluation(block, event.row, row):
            told = evaluation_of(event)
            if (told.split or "val") == group:
                return told
    return None
