"""An auxiliary part of the loss outweighs the task's own, which does not improve.

Looks for
---------
An auxiliary part (aux, kl, deep, leak, consistency ...) that makes up most of the training loss
while the main part stands still; and a total that is not the sum of its parts.

Why it matters
--------------
The gradient follows what is large. With an auxiliary weight that is ten times too high the model
learns the auxiliary task, and the one that it was made for not at all.

Fires when
----------
Over the last 200 samples, or in 2 evaluations in a row, one auxiliary part is more than 80 % of the
total, and the main part has not got below 90 % of where it began and does not fall now, or is a
fifth above its best. It is info where the names of the parts do not tell which of them is
auxiliary: the largest is told. A total that differs from the weighted sum of its parts by more than
2 %, always in the same sense, is info: a part is not logged, or not weighted.

Stays quiet
-----------
In the first 100 steps and a quarter epoch behind the warm-up. While the main part falls, and when
it has fallen: beside a task that is learned a constant offset may well be large. On losses of more
than 8 parts, as detectors have them, and on those of reinforcement learners.

What to do
----------
Lower the auxiliary weight until the part is about as large as the main one at the start, or warm it
up from 0. Log parts as they are weighted.

Sources
-------
Chen et al., GradNorm (2018), on tasks whose gradients drown those of others.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("aux-dominates")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["part"], event.evidence["main"]
('warning', 'aux', 'main')
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.losses.main_part import MainPart, Standing
from trainmon.losses.part_looks import Evaluated, Look
from trainmon.losses.parts import Part, Reading, main_of, parts_of, reading
from trainmon.losses.total import Total
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Course:
    """How the main part has gone, and what was found."""

    main: MainPart = field(default_factory=MainPart)
    evaluated: Evaluated = field(default_factory=Evaluated)
    outweighed: int = 0
    """Evaluations in a row in which the auxiliary part was too large."""
    dominates: Streak = field(default_factory=Streak)
    metric: str = ""
    """The part that dominates."""
    total: Total = field(default_factory=Total)


@dataclass(frozen=True)
class AuxDominates(Rule[Course]):
    """An auxiliary part that outweighs the main one."""

    id = "aux-dominates"
    summary = "an auxiliary part outweighs the loss of the task, which does not improve"
    needs = (
        Need(
            "train/loss/<part>",
            (Role.LOSS_PART,),
            'log.parts({"main": main, "aux": aux}, weights={"aux": 0.4}, step=step)',
        ),
    )

    share: float = threshold(0.8, "of the total")
    evaluations: int = threshold(2, "in a row")
    learned: float = threshold(0.9, "of where the main part began: below it the task is learned")
    rise: float = threshold(1.2, "times its best: the main part gets worse")
    hardly: float = threshold(0.3, "of where it began: below it a rise is noise of a learned task")
    falls: float = threshold(0.01, "of the main part within a look: it improves")
    over: float = threshold(0.7, "of the total: below it the finding is over")

    @cached_property
    def _standing(self) -> Standing:
        return thresholds(Standing, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return what marks an evaluation."""
        if not parts_of(context):
            return ()
        return context.names(Role.VAL_LOSS, Role.VAL_METRIC)[:1]

    def paced(self, context: Context) -> Collection[str]:
        """Return one part: all of them are looked at when it has filled enough cells."""
        return [part.metric for part in parts_of(context)[:1]]

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Look at the parts after evaluations and after every so many samples."""
        parts = parts_of(context)
        events = list[Event]()
        if not parts:
            return state, events
        evaluated = [block.samples(name).rows for name in self.watched(context)]
        rows = evaluated[0].tolist() if evaluated else []
        for look in state.evaluated.looks(parts[0], rows, context, block):
            told = reading(parts, context, block, look.first_row, look.row)
            if told is not None:
                state, now = self._judge(state, told, parts, look, context, block)
                events += now
        if rows:
            state = replace(state, evaluated=state.evaluated.after(rows))
        return state, events

    def _judge(
        self,
        state: Course,
        told: Reading,
        parts: tuple[Part, ...],
        look: Look,
        context: Context,
        block: Block,
    ) -> tuple[Course, list[Event]]:
        """Return what one look adds to those before."""
        main = main_of(parts, told)
        level = told.levels[main.metric]
        course = state.main.after(main.metric, level, block, look.row)
        total, events = state.total.after(told, look, context.train_loss, self.evaluations)
        state = replace(state, main=course, total=total)
        aux = max(
            (part for part in parts if part.metric != main.metric),
            key=lambda part: told.contributions[part.metric],
        )
        share = told.contributions[aux.metric] / told.total if told.total > 0 else 0.0
        large = share > self.share and aux.kind != "main"
        if look.evaluation:
            state = replace(state, outweighed=state.outweighed + 1 if large else 0)
        if state.dominates.severity is not None and share < self.over:
            title = f"{state.metric} no longer dominates the loss"
            streak, now = state.dominates.over(look.row, title, state.metric)
            return replace(state, dominates=streak), [*events, *now]
        stands = large and course.stands(level, look, block, self._standing)
        confirmed = not look.evaluation or state.outweighed >= self.evaluations
        if not stands or not confirmed or not _is_ripe(state, look, context):
            return state, events
        state, now = _told(state, told, aux, main, look, context)
        return state, [*events, *now]

    @staticmethod
    def fires() -> list[Record]:
        """An auxiliary part of 30 that falls to 20, beside a main one at ln 10."""
        steps = np.arange(400)
        return _example(np.full(400, 2.3), 20 + 10 * np.exp(-steps / 200))

    @staticmethod
    def quiet() -> list[Record]:
        """A constant offset of 0.5 beside a task that is learned."""
        return _example(2.3 * np.exp(-np.arange(400) / 60) + 0.01, np.full(400, 0.5))


def _example(main: NDArray[np.floating[Any]], aux: NDArray[np.floating[Any]]) -> list[Record]:
    noise = np.random.default_rng(0).lognormal(0, 0.05, (2, len(main)))
    return [
        {
            "step": step + 1,
            "epoch": (step + 1) / 100,
            "train/loss": float(m + a),
            "train/loss/main": float(m),
            "train/loss/aux": float(a),
        }
        for step, (m, a) in enumerate(zip(main * noise[0], aux * noise[1], strict=True))
    ]


def _told(
    state: Course, told: Reading, aux: Part, main: Part, look: Look, context: Context
) -> tuple[Course, list[Event]]:
    """Return what is told of an auxiliary part that outweighs the main one."""
    streak = state.dominates
    streak = streak.seen(look.first_row if not streak.count else look.row)
    clear = aux.kind == "aux" and main.kind != "aux"
    share, level = told.contributions[aux.metric] / told.total, told.levels[main.metric]
    evidence: dict[str, Any] = {
        "part": aux.name,
        "share": share,
        "part_loss": told.contributions[aux.metric],
        "main": main.name,
        "main_loss": level,
        "main_start": state.main.start,
        "total": told.total,
    }
    if (weight := context.number("aux_weight")) is not None:
        evidence["aux_weight"] = weight
    title = (
        f"{aux.metric} makes up {100 * share:.0f} % of the loss while {main.metric} stands at "
        f"{level:.3g} (it began at {state.main.start:.3g})"
    )
    severity = Severity.WARNING if clear else Severity.INFO
    streak, events = streak.tell(look.row, severity, title, aux.metric, evidence)
    return replace(state, dominates=streak, metric=aux.metric), events


def _is_ripe(state: Course, look: Look, context: Context) -> bool:
    """Return whether it may be asked by then whether the run learns."""
    if context.learning_row is not None:
        return look.row >= context.learning_row
    return look.evaluation and state.outweighed > 1
