"""Folds rules over one lane, however its rows arrive.

Rows are final up to the last whole tile or the last turn of the context; states are kept there.
What comes after is the open tile: it is judged on the kept states whenever rows arrive, and only
the events that were not told before are published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.rule import TILE, Block, Event, LiveRule, Moment, Rule
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

AnyRule = Rule[Any]


@dataclass(slots=True)
class _Fold:
    """One rule, its state at the last final row, and how many events of the open tile are told."""

    rule: AnyRule
    state: Any
    open_state: Any
    told: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """An event and the rule that decided it."""

    rule: str
    event: Event


class Judge:
    """The rules on one lane. Owned by the monitor thread."""

    def __init__(self, lane: Lane, rules: Sequence[AnyRule], *, lead: bool = True) -> None:
        self.lane = lane
        self.context = Context()
        self.judged = 0
        """Rows that have been judged."""
        self._final = 0
        self._turn = 0
        self._event = 0
        self._rewind = 0
        self._folds = [
            _Fold(rule, state, state)
            for rule in rules
            if lead or rule.every_rank
            for state in [rule.begin()]
        ]

    @property
    def rules(self) -> Iterator[AnyRule]:
        """The rules that judge this lane."""
        return (fold.rule for fold in self._folds)

    def advance(self) -> list[Decision]:
        """Judge the rows that are new and return what was decided, in order of rows."""
        decisions: list[Decision] = []
        while self._turn < len(self.lane.turns):
            turn = self.lane.turns[self._turn]
            self._turn += 1
            if turn > self._final:
                decisions += self._commit(turn)
            self.context = self._turned(turn)
        stop = self.lane.n_rows
        whole = stop - stop % TILE
        if whole > self._final:
            decisions += self._commit(whole)
        if stop > self._final:
            decisions += self._peek(stop)
        self.judged = stop
        order = {fold.rule.id: index for index, fold in enumerate(self._folds)}
        decisions.sort(key=lambda decision: (decision.event.row, order[decision.rule]))
        return decisions

    def live(self, moment: Moment) -> dict[str, Event | None]:
        """Return what each live rule finds at this moment, by rule."""
        return {
            fold.rule.id: fold.rule.look(fold.open_state, self.context, self.lane, moment)
            for fold in self._folds
            if isinstance(fold.rule, LiveRule)
        }

    def _commit(self, stop: int) -> list[Decision]:
        """Judge up to a row before which nothing can change any more, and keep the states."""
        decisions = []
        for fold in self._folds:
            fold.state, events = self._judge(fold, stop)
            fold.open_state = fold.state
            decisions += [Decision(fold.rule.id, event) for event in events[fold.told :]]
            fold.told = 0
        self._final = stop
        return decisions

    def _peek(self, stop: int) -> list[Decision]:
        """Judge the open tile and forget the states again."""
        decisions = []
        for fold in self._folds:
            fold.open_state, events = self._judge(fold, stop)
            decisions += [Decision(fold.rule.id, event) for event in events[fold.told :]]
            fold.told = len(events)
        return decisions

    def _judge(self, fold: _Fold, stop: int) -> tuple[Any, Sequence[Event]]:
        block = Block(self.lane, self._final, stop, self.context.baseline_row)
        with np.errstate(all="ignore"):  # a log may hold any number; NaN and Inf compare as false
            return fold.rule.step(fold.state, self.context, block)

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
        return self.context.after(row, events, metrics, rewound=rewound)


def replay(rule: AnyRule, records: Sequence[Record], *, cut: int = 0) -> list[Decision]:
    """Return what a rule decides on a log that arrives `cut` records at a time, or at once."""
    lane = Lane()
    judge = Judge(lane, [rule])
    decisions = []
    for start in range(0, len(records), cut or max(len(records), 1)):
        lane.append(batch_of(records[start : start + (cut or len(records))]))
        decisions += judge.advance()
    return decisions
