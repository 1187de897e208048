"""Folds rules over one lane, however its rows arrive.

Rows are judged as they come, up to each turn of the context with what was known before it. A rule
is stepped only when the rows hold something that concerns it, since a live log brings one record at
a time and most rules look at a few of its metrics, or at one in eight of its samples.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.digests import Digests
from trainmon.given import Given
from trainmon.observed import is_settled, look, next_look
from trainmon.roles import RunRoles, is_clock
from trainmon.rule import Block, Event, LiveRule, Moment, Rule
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

AnyRule = Rule[Any]


@dataclass(slots=True, eq=False)
class _Fold:
    """One rule, its state, and the first row it has not been stepped over."""

    rule: AnyRule
    state: Any
    upto: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """An event and the rule that decided it."""

    rule: str
    event: Event


class Judge:
    """The rules on one lane. Owned by the monitor thread.

    It begins where the lane is held in full: a reduced form of what was before tells a rule nothing
    true of noise.

    A rule that raises is stopped and told in `failures`, since a bug in one must not blind the
    others; with `strict` it raises.
    """

    def __init__(
        self,
        lane: Lane,
        rules: Sequence[AnyRule],
        *,
        given: Given | None = None,
        lead: bool = True,
        strict: bool = False,
    ) -> None:
        given = given or Given()
        self.lane = lane
        self.context = Context.at_start(RunRoles(given.roles), given.settings, given.reference)
        self.failures: dict[str, str] = {}
        """Rules that raised, and what: each judges no further, and the others go on."""
        self._strict = strict
        self.judged = lane.first_full
        """Rows that have been judged."""
        self._looked = self.judged
        self._turn = 0
        self._event = 0
        self._rewind = 0
        self._digests = Digests(lane)
        self._folds = [
            _Fold(rule, rule.begin(), lane.first_full) for rule in rules if lead or rule.every_rank
        ]
        self._live = [(fold.rule, fold) for fold in self._folds if isinstance(fold.rule, LiveRule)]
        self._concern()

    @property
    def rules(self) -> Iterator[AnyRule]:
        """The rules that judge this lane."""
        return (fold.rule for fold in self._folds)

    def advance(self) -> list[Decision]:
        """Judge the rows that are new and return what was decided, in order of rows."""
        decisions: list[Decision] = []
        with np.errstate(all="ignore"):  # a log holds any number; NaN and Inf compare as false
            while self._turn < len(self.lane.turns):
                turn = self.lane.turns[self._turn]
                self._turn += 1
                decisions += self._judge(turn)
                self._enter(self._turned(turn), turn)
            decisions += self._judge(self.lane.n_rows)
        # So that decisions at one row are told in the same order at any cut.
        decisions.sort(key=_place)
        return decisions

    @property
    def looks(self) -> bool:
        """Whether any of the rules looks at the clock."""
        return bool(self._live)

    def live(self, moment: Moment) -> dict[str, Event | None]:
        """Return what each live rule finds at this moment, by rule."""
        return {
            rule.id: rule.look(fold.state, self.context, self.lane, moment)
            for rule, fold in self._live
            if rule.id not in self.failures
        }

    def _judge(self, stop: int) -> list[Decision]:
        """Judge up to a row, turning where the curves tell something new."""
        decisions: list[Decision] = []
        while self.judged < stop:
            turn, told = self._next_told(stop)
            decisions += self._step_all(turn)
            if told is not None:
                self._enter(told, turn)
        return decisions

    def _next_told(self, stop: int) -> tuple[int, Context | None]:
        """Return the next row up to `stop` at which the curves tell something, and the context.

        Rules are stepped at what is told alone and not at each look, which costs a hundred looks.
        """
        context = self.context
        known = context.observed
        while (at := next_look(self._looked, context.baseline_row)) <= stop:
            if is_settled(known, at, context.baseline_row):
                break
            self._looked = at
            observed = look(self.lane, at, context.plan, known)
            if observed != known:
                return at, context.observing(observed)
        return stop, None

    def _enter(self, context: Context, row: int) -> None:
        """Go on with another context from a row on."""
        told = context.baseline_row != self.context.baseline_row
        if told:
            self._digests.begin(context.baseline_row)
            self._looked = max(self._looked, row)
        names_change = context.roles is not self.context.roles
        settings_change = context.settings is not self.context.settings
        self.context = context
        if names_change or settings_change:
            self._concern()
        for fold in self._folds:  # what came before the turn was judged with what was known there
            fold.upto = self.judged

    def _concern(self) -> None:
        """Find out which rules each metric and each event concerns."""
        self._watching: dict[str, list[_Fold]] = {}
        self._pacing: dict[str, list[_Fold]] = {}
        self._hearing: dict[str, list[_Fold]] = {}
        for fold in self._folds:
            for name in fold.rule.watched(self.context):
                self._watching.setdefault(name, []).append(fold)
            for name in fold.rule.paced(self.context):
                self._pacing.setdefault(name, []).append(fold)
            for kind in fold.rule.hears:
                self._hearing.setdefault(kind, []).append(fold)
        self._digests.follow(self._pacing)

    def _step_all(self, stop: int) -> list[Decision]:
        """Step the rules that the rows up to `stop` concern."""
        start, self.judged = self.judged, stop
        completed = self._digests.feed(start, stop)
        concerned = self._concerned(start, stop, completed)
        decisions: list[Decision] = []
        block = None
        for fold in self._folds:
            if fold not in concerned:
                continue
            if block is None or block.start != fold.upto:
                baseline = self.context.baseline_row
                block = Block(self.lane, fold.upto, stop, baseline, self._digests)
            fold.upto = stop
            decisions += [Decision(fold.rule.id, event) for event in self._step(fold, block)]
        if self.failures:
            self._folds = [fold for fold in self._folds if fold.rule.id not in self.failures]
        return decisions

    def _concerned(self, start: int, stop: int, completed: Collection[str]) -> set[_Fold]:
        """Return the folds that some rows hold something for."""
        lane = self.lane
        concerned = set[_Fold]()
        for name, folds in self._watching.items():
            if lane.has_since(name, start):
                concerned.update(folds)
        for name in completed:
            concerned.update(self._pacing.get(name, ()))
        if self._hearing and lane.events and lane.events[-1].row >= start:
            for event in Block(lane, start, stop).events:
                concerned.update(self._hearing.get(event.kind, ()))
        return concerned

    def _step(self, fold: _Fold, block: Block) -> Sequence[Event]:
        try:
            fold.state, events = fold.rule.step(fold.state, self.context, block)
        except Exception as error:
            if self._strict:
                raise
            self.failures[fold.rule.id] = f"{type(error).__name__}: {error}"
            return ()
        return events

    def _turned(self, row: int) -> Context:
        events = []
        while self._event < len(self.lane.events) and self.lane.events[self._event].row <= row:
            if self.lane.events[self._event].row == row:
                events.append(self.lane.events[self._event])
            self._event += 1
        rewinds = self.lane.rewinds
        rewound = self._rewind < len(rewinds) and rewinds[self._rewind] == row
        self._rewind += rewound
        metrics = self.lane.new_metrics.get(row, [])
        firsts = {name: float(self.lane.samples(name).values[0]) for name in metrics}
        clocks = [name for name, first in firsts.items() if is_clock(name, first)]
        return self.context.after(row, events, metrics, clocks=clocks, rewound=rewound)


def _place(decision: Decision) -> tuple[int, str, str]:
    return decision.event.row, decision.rule, decision.event.metric or ""


def replay(
    rule: AnyRule, records: Sequence[Record], *, cut: int = 0, given: Given | None = None
) -> list[Decision]:
    """Return what a rule decides on a log that arrives `cut` records at a time, or at once."""
    lane = Lane()
    judge = Judge(lane, [rule], given=given, strict=True)
    decisions = []
    for start in range(0, len(records), cut or max(len(records), 1)):
        lane.append(batch_of(records[start : start + (cut or len(records))]))
        decisions += judge.advance()
    return decisions
