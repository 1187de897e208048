"""Folds rules over one lane, however its rows arrive.

Most rules decide the same wherever a block ends: their states advance with each read. For those
that need whole tiles, rows are final up to the last whole tile or the last turn of the context, and
what comes after is the open tile: it is judged on the state kept there whenever rows arrive, and
only the events that were not told before are published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.roles import Overrides, RunRoles
from trainmon.rule import TILE, Block, Event, LiveRule, Moment, Rule
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

AnyRule = Rule[Any]


@dataclass(slots=True)
class _Fold:
    """One rule, its state at its last final row, and how many events after that are told."""

    rule: AnyRule
    state: Any
    open_state: Any
    """The state after all rows."""
    final: int = 0
    told: int = 0


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
        roles: Overrides | None = None,
        lead: bool = True,
        strict: bool = False,
    ) -> None:
        self.lane = lane
        self.context = Context(roles=RunRoles(roles or Overrides()))
        self.failures: dict[str, str] = {}
        """Rules that raised, and what: each judges no further, and the others go on."""
        self._strict = strict
        self.judged = 0
        """Rows that have been judged."""
        self._turn = 0
        self._event = 0
        self._rewind = 0
        self._folds = [
            _Fold(rule, state, state, lane.first_full)
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
        with np.errstate(all="ignore"):  # a log holds any number; NaN and Inf compare as false
            decisions = self._decided()
        if self.failures:
            self._folds = [fold for fold in self._folds if fold.rule.id not in self.failures]
        # Rules stand in the order of their ids, so ties are told in the same order at any cut.
        decisions.sort(key=lambda decision: (decision.event.row, decision.rule))
        return decisions

    def _decided(self) -> list[Decision]:
        decisions: list[Decision] = []
        while self._turn < len(self.lane.turns):
            turn = self.lane.turns[self._turn]
            self._turn += 1
            decisions += self._judge(turn, final=True)
            self.context = self._turned(turn)
        stop = self.lane.n_rows
        decisions += self._judge(stop - stop % TILE, final=True)
        decisions += self._judge(stop, final=False)
        self.judged = stop
        return decisions

    def live(self, moment: Moment) -> dict[str, Event | None]:
        """Return what each live rule finds at this moment, by rule."""
        return {
            fold.rule.id: fold.rule.look(fold.open_state, self.context, self.lane, moment)
            for fold in self._folds
            if isinstance(fold.rule, LiveRule)
        }

    def _judge(self, stop: int, *, final: bool) -> list[Decision]:
        """Judge up to a row; `final` if nothing before it can be told otherwise any more."""
        decisions = []
        block = None
        for fold in self._folds:
            if stop <= fold.final:
                continue
            if block is None or block.start != fold.final:
                block = Block(self.lane, fold.final, stop, self.context.baseline_row)
            fold.open_state, events = self._step(fold, block)
            decisions += [Decision(fold.rule.id, event) for event in events[fold.told :]]
            fold.told = len(events)
            if final or not fold.rule.tiled:
                fold.state, fold.final, fold.told = fold.open_state, stop, 0
        return decisions

    def _step(self, fold: _Fold, block: Block) -> tuple[Any, Sequence[Event]]:
        try:
            return fold.rule.step(fold.state, self.context, block)
        except Exception as error:
            if self._strict:
                raise
            self.failures[fold.rule.id] = f"{type(error).__name__}: {error}"
            return fold.state, ()

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
    judge = Judge(lane, [rule], strict=True)
    decisions = []
    for start in range(0, len(records), cut or max(len(records), 1)):
        lane.append(batch_of(records[start : start + (cut or len(records))]))
        decisions += judge.advance()
    return decisions
