"""The run does not learn: it stays where a model is that ignores its inputs.

Looks for
---------
A loss or metric that stays at its chance level (ln C for C classes, the entropy of the classes, the
variance of the target, pi/2 for angles; accuracy at the share of the commonest class, AUROC at .5,
R2 at 0), or a run in which nothing has moved since it began.

Why it matters
--------------
Nothing will come of more epochs. The cause is a mistake that takes minutes to fix once it is known:
a learning rate that is far off, weights that are frozen or not in the optimizer, labels that belong
to other samples, dead units, a wrong target.

Fires when
----------
The run had time to begin: a quarter of the plan behind the warm-up's end and the gate (200 to 2,000
steps, but at most six tenths of what the plan leaves there; 250 where no plan is known; twice as
long for contrastive losses), counted in steps at the full learning rate. Where no chance level is
told, an accuracy near 1/C tells it with a loss near ln C: that of the evaluation, or the first one
of training where a learning rate has thrown the others above it. Then any of these:

- the last 3 evaluations are at chance (4 where one signal tells it): the loss at 97 % of a known
  chance level or above, the metrics within .02 of theirs, none learned and none on its way up
  (an accuracy that stays bit-equal while F1 is 0 is the share of negatives, and tells the entropy)
- in 5 evaluations or more the validation loss has moved by less than 1 % (in 10 by less than 3 %,
  where none is better), and the training loss has not fallen since the run began; nor since the
  gate, where a metric such as an AUROC of .55 tells that no more was learned than the shares of the
  labels
- no evaluation tells: the training loss stands within 3 % of a known chance level (5 % of an angle)
  or above it, and has improved by less than 1 % since the gate
- no chance level tells it: the validation loss stands within 3 % of its first value in 5
  evaluations, which is about the first training loss, while the training loss has halved; or it is
  above the first training loss in all of them, and better than at first by a tenth at most, while
  the training loss has fallen by a fifth. No metric is better than at first
- no chance level is known: the training loss has improved by less than 1 % since the gate, for
  sure, and not at all beyond noise since the beginning
- none is known, and the first steps have thrown the training loss a quarter above its very first
  value, beyond all noise; since the gate it has not surely improved, neither has the validation
  loss, and it stands no further than .3 below that first value
- the first steps threw the loss up, to 10 times its first sample and more, and it stands where it
  came down to, within its noise: these are no weights any more that could have learned. Two fifths
  of the time are enough then, since no plateau comes before it

It is an error once a tenth of the plan or 5 evaluations are gone. Evidence `train_falls` tells
whether the training loss falls while the evaluations stay at chance: then it learns by heart. A run
whose evaluations were better than guessing once has `had_learned`: it stopped at the first of those
that are at chance again.

Stays quiet
-----------
During the warm-up and on plateaus of some hundred steps. On losses that still fall when they come
by their chance level, as those of rare classes do from ln 2: those stand nowhere; nor do validation
losses that go down at each of four evaluations, by 1 % in all. On evaluations that have come back
to chance while training falls on: `overfitting` tells those. On an AUROC of exactly one half beside
an accuracy that goes up: its scores are not those of the model, as `degenerate-scores` tells. On
runs that have fallen and go on no further, on fine-tunes that begin with good metrics or near 0, on
reinforcement learners and losses that play against each other, and on logs that begin in the middle
of a run.

What to do
----------
Overfit ten samples: a sound setup reaches a loss near 0 within some hundred steps. If it does not,
look at the learning rate that is logged, at the gradient norm of each layer, at the parameters the
optimizer holds. If it does, look at ten samples with their labels.

Sources
-------
A. Karpathy, A Recipe for Training Neural Networks (2019), on the loss at initialisation and on
overfitting one batch. P. J. Huber, Robust Statistics (1981), for the standard error of a median.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("not-learning")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('error', 'train/loss stays at 2.3, where guessing is (ln 10 = 2.3)')
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import log

import numpy as np

from trainmon.context import Context
from trainmon.learning.at_chance import Says, Verdict, verdict
from trainmon.learning.goes_on import goes_on
from trainmon.learning.guessing import Guessing
from trainmon.learning.loss_course import loss_course
from trainmon.learning.moments import begins, counted, moments
from trainmon.learning.patience import Place
from trainmon.learning.reasons import Reasons
from trainmon.learning.standstill import evidence_of, falls
from trainmon.learning.thrown import Thrown
from trainmon.learning.unmoved import Unmoved
from trainmon.learning.watch import Watch
from trainmon.losses.rival_losses import has_rivals
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class NotLearning(Rule[Watch]):
    """A run that stays at chance or does not move."""

    id = "not-learning"
    summary = "the run stays where a model is that ignores its inputs, or has not moved at all"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)

    confirm: int = threshold(3, "evaluations in a row at chance, by the loss and a metric")
    confirm_alone: int = threshold(4, "likewise, by one of them")
    flat: float = threshold(0.01, "of the level: less is no improvement that anyone would wait for")
    sure: float = threshold(0.02, "of the level: twice the error of an improvement, at most")
    still: int = threshold(5, "evaluations of a validation loss that stands")
    moved: float = threshold(0.01, "of the first one: their whole range")
    drift: float = threshold(3.0, "times that of twice as many evaluations, where none is better")
    gained: float = threshold(0.005, "of the first one: how much better the best may be")
    exact: float = threshold(
        5.0, "times as much of both where it is near ln 2, ln 10, pi/2: that is no accident"
    )
    leap: float = threshold(
        0.25, "of the first loss: no healthy run leaps by more in its first steps"
    )
    noises: float = threshold(2.0, "times what noise adds to the last losses: the leap is none")
    back: float = threshold(0.3, "of the first loss: nearer to it not much has been learned")
    unsure: float = threshold(0.08, "of the level: the error of an improvement, at most")
    far_unsure: float = threshold(
        0.1, "the same, where it was thrown to many times its first value"
    )
    regained: float = threshold(0.03, "of the first validation loss, by which the best is better")
    floor: float = threshold(0.1, "a loss below it may be at its floor: without more nobody knows")
    thrown: float = threshold(
        5.0, "times as much where the first steps threw the loss up: no such run has just converged"
    )
    soon: float = threshold(0.4, "of the time that others get, for such a run to go on")
    halved: float = threshold(0.5, "of the first loss: a run below it goes on")
    spent: float = threshold(0.1, "of the plan: from here on it is an error")
    many: int = threshold(5, "evaluations at chance: likewise")
    lost: int = threshold(
        4, "evaluations in a row that were better than guessing: fewer may be luck"
    )

    @cached_property
    def _guessing(self) -> Guessing:
        return thresholds(Guessing, self)

    @cached_property
    def _reasons(self) -> Reasons:
        unmoved, thrown = thresholds(Unmoved, self), thresholds(Thrown, self)
        return Reasons(self._guessing, unmoved, thrown, self.soon)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric by which evaluations are counted."""
        name = counted(context)
        return (name,) if name else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the training loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge at evaluations and at cells of the training loss, more rarely as they grow many."""
        if context.train_loss is None or has_rivals(context):
            return state, []
        anew = state.baseline_row != context.baseline_row
        seen = 0 if anew else state.said.number
        due = moments(seen, context, block)
        events = list[Event]()
        if anew and due:
            _, events = state.streak.over(due[0][0], "the run began anew", state.metric)
            state = Watch(context.baseline_row, begun=begins(context, block, due[0][0]))
        for row, number in due:
            state, told = self._judged(state, context, block, row, number)
            events += told
        number = seen + len(block.samples(counted(context)))
        if number == state.said.number:
            return state, events
        return replace(state, said=replace(state.said, number=number)), events

    def _judged(
        self, state: Watch, context: Context, block: Block, row: int, number: int
    ) -> tuple[Watch, list[Event]]:
        """Judge at a row, at which the evaluation of this number stands, or 0."""
        said, past = state.said, state.past
        if state.metric is None and goes_on(said, past, context, block, row, number, self.halved):
            return replace(state, said=said.passed(number)), []
        gate = context.learning_row
        course, past = loss_course(block, context.train_loss, row, gate, past)
        state, found = replace(state, past=past), Verdict(Says.NOTHING)
        if number:
            found = verdict(context, block, row)
            state = replace(state, said=state.said.after(found, row, number))
        if gate is None or course is None:
            return state, []
        if number:
            apart = found.says == Says.CHANCE and falls(course, found.chance)
            state = replace(state, said=state.said.with_fall(apart=apart))
        if state.is_over(course, found):
            title = f"{context.train_loss} moves"
            if found.says == Says.LEARNED:
                title = "the evaluations are better than guessing"
            streak, events = state.streak.over(row, title, state.metric)
            return replace(state, streak=streak, metric=None), events
        stands = self._reasons.standstill(
            state.said, context, block, row, course, found, begun=state.begun
        )
        if stands is None:
            return state, []
        metric, said = state.metric or stands.metric, state.said
        first = said.since if found.says == Says.CHANCE and said.guesses else gate
        # A run that has learned, and does not any more, stopped when it was at chance again.
        had_learned = self._guessing.had_learned(said)
        onset = context.baseline_row if state.begun and not had_learned else first
        streak = state.streak.seen(min(onset, row))
        evidence = evidence_of(context, block, row, course, found, stands)
        evidence["had_learned"] = had_learned
        evidence["train_falls"] = bool(evidence["train_falls"] or stands.never_better)
        evidence["never_better"] = stands.never_better
        severity = self._severity(state, context, block, row)
        streak, events = streak.tell(row, severity, stands.title, metric, evidence)
        if state.metric is None:
            state = replace(
                state, metric=metric, level=course.now.value, never_better=stands.never_better
            )
        return replace(state, streak=streak), events

    def _severity(self, state: Watch, context: Context, block: Block, row: int) -> Severity:
        done = Place.of(context, block, row).done
        late = (done or 0.0) > self.spent or state.said.guesses >= self.many
        return Severity.ERROR if late else Severity.WARNING

    @staticmethod
    def fires() -> list[Record]:
        """Ten classes, and a loss that stays at ln 10."""
        noise = np.random.default_rng(0).normal(0, 0.01, 800)
        config = {"num_classes": 10, "total_steps": 800}
        records: list[Record] = [{"trainmon": 1, "config": config}]
        losses = (log(10) + noise).tolist()
        return [*records, *({"step": n + 1, "train/loss": loss} for n, loss in enumerate(losses))]

    @staticmethod
    def quiet() -> list[Record]:
        """A plateau of 250 steps at ln 10, from which the loss falls."""
        noise = np.random.default_rng(1).normal(0, 0.01, 800)
        fall = np.exp(-np.clip(np.arange(800) - 250, 0, None) / 100)
        config = {"num_classes": 10, "total_steps": 800}
        records: list[Record] = [{"trainmon": 1, "config": config}]
        losses = (0.2 + (log(10) - 0.2) * fall + noise).tolist()
        return [*records, *({"step": n + 1, "train/loss": loss} for n, loss in enumerate(losses))]
