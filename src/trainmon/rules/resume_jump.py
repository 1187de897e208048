"""The loss is not where it was when the run went on.

Looks for
---------
A training loss, or a learning rate, that is far from what it was at the same step before a resume.

Why it matters
--------------
A run that resumes without its optimizer state, its learning-rate schedule or its place in the data
goes on from somewhere else: hours of training are undone, and the curve afterwards belongs to
another experiment.

Fires when
----------
After a resume, a restart of the process or a step that goes back, the first 8 losses have a median
more than 4 MAD above that of the 50 before the step where the run goes on, and so have the 8 after
them: a warning, and info where only the first 8 are. Losses that leap are told for what they are,
though they fall again at once: the first 3 are higher than the later half of the 50, the first 8
are 5 standard deviations of one loss above the last of these, and 6 of the 8 are not back. That is
a warning when it has lasted for 16 steps, which is 8 records where each stands for several steps.
The first evaluation tells it as well where losses are rare or come down soon: it is worse than each
of the three before by more than these differ, and 3 of 4 losses since are not back.
A learning rate that is more than 1.5 times off the one logged before at that step is told as what
was not restored; by itself it is info.

Stays quiet
-----------
On a loss that is lower than before; on phases that were announced; on losses fewer than 8 on either
side; where the loss before was still falling as steeply as the jump is high; on an averaged loss
that begins anew.

What to do
----------
Save and load the optimizer, the scheduler, the gradient scaler, the random state and the place in
the data together with the weights. Compare the first loss after loading with that of the checkpoint
on the same batch.

Sources
-------
PyTorch, Saving and Loading a General Checkpoint, on what a checkpoint must hold.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("resume-jump")
>>> [(d.event.kind.value, d.event.severity.word) for d in replay(rule, rule.fires())]
[('opened', 'info'), ('worsened', 'warning')]
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.losses.seam import Before, before
from trainmon.medians import median_of
from trainmon.record import EventKind as LogEventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import HEADER, Floats, Record
from trainmon.threshold import threshold

_FEWEST = 8
"""Losses on either side: fewer have no spread."""


@dataclass(frozen=True, slots=True)
class Seam:
    """The last place where the run went on, and what has been said of it."""

    baseline_row: int = 0
    before: Before = field(default_factory=Before)
    leapt: bool = False
    """Whether the first losses were higher by far."""
    rates: tuple[float, float] = (np.nan, np.nan)
    """The learning rate before and after."""
    severity: Severity | None = None
    judged: int = 0
    """Cells after it that were judged."""
    evaluated: bool = False
    """Whether the first evaluation after it was looked at."""


@dataclass(frozen=True)
class ResumeJump(Rule[Seam]):
    """A loss that jumps where a run goes on."""

    id = "resume-jump"
    summary = "after a resume the loss is far above where it was; says if the lr is too"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)

    deviations: float = threshold(4.0, "MAD: medians of 8 and of 50 differ by 1 to 2 by chance")
    relative: float = threshold(0.1, "of the loss before: less is no loss of training")
    before: int = threshold(50, "losses before the step where it goes on")
    lasts: float = threshold(16.0, "steps for which a leap has lasted: sooner it may be batches")
    worse: float = threshold(0.02, "of the validation loss before: less is its noise")
    rate: float = threshold(1.5, "times: a schedule does not jump as far by itself")

    def watched(self, context: Context) -> Collection[str]:
        """Return the validation loss, of which the first one counts; of others cells are enough."""
        return (context.val_loss,) if context.val_loss else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the training loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Seam:
        """Return the state before the first row."""
        return Seam()

    def step(self, state: Seam, context: Context, block: Block) -> tuple[Seam, list[Event]]:
        """Judge the first two cells behind a seam."""
        if state.baseline_row != context.baseline_row:
            state = self._seam(context, block)
        if not np.isfinite(state.before.median):
            return state, []
        digest, events = block.digest(context.train_loss), list[Event]()
        first = digest.since(block.start)
        last = max(first, min(first + _CELLS - state.judged, len(digest)))
        evaluation = None if state.evaluated else next(iter(_val(context, block)), None)
        cells = [(int(digest.rows[at]), int(digest.first_rows[at])) for at in range(first, last)]
        for row, begin in sorted(cells + ([(evaluation, -1)] if evaluation is not None else [])):
            if begin >= 0 and state.judged < _CELLS:
                state, event = self._judged(state, context, block, (begin, row))
            elif begin < 0:
                state, event = self._evaluated(state, context, block, row)
            else:
                event = None
            events += [event] if event else []
        return state, events

    def _evaluated(
        self, state: Seam, context: Context, block: Block, row: int
    ) -> tuple[Seam, Event | None]:
        """Judge the first evaluation behind a seam, with the losses since."""
        state = replace(state, evaluated=True)
        losses = block.lane.samples(context.train_loss)
        before = self._ahead(block, context.val_loss, state.baseline_row)[-_EVALUATIONS:]
        now = block.before(context.val_loss, 1, row + 1).values
        (first, last) = losses.positions(state.baseline_row, row + 1)
        since = finite(losses.values[first:last])
        if len(before) < _EVALUATIONS or len(since) < _SINCE:
            return state, None
        gap = max(float(np.ptp(before)), self.worse * abs(float(before[-1])))
        worse = bool(now[0] > before.max() + gap) and state.before.is_below(since)
        if not worse or state.severity == Severity.WARNING:
            return state, None
        kind = EventKind.WORSENED if state.severity else EventKind.OPENED
        _, evidence = self._told(state, context, since)
        title = (
            f"{context.val_loss} was {before[-1]:.3g} before the resume and is {now[0]:.3g}, and "
            f"{context.train_loss} is not back, either"
        )
        evidence |= {"val_before": float(before[-1]), "val_after": float(now[0])}
        onset, name, told = state.baseline_row, context.train_loss, known(evidence)
        event = Event(kind, row, onset, Severity.WARNING, title, name, told)
        return replace(state, severity=Severity.WARNING, judged=_CELLS), event

    def _judged(
        self, state: Seam, context: Context, block: Block, rows: tuple[int, int]
    ) -> tuple[Seam, Event | None]:
        """Judge the losses of one cell, the first or the second behind a seam."""
        state = replace(state, judged=state.judged + 1)
        every, before = block.lane.samples(context.train_loss), state.before
        first, last = every.positions(rows[0], rows[1] + 1)
        losses = finite(every.values[first:last])
        if not len(losses):
            return state, None
        if state.judged == 1:
            rates = self._rates(context, block, rows[1])
            leapt = before.is_far_below(losses, self.relative)
            state = replace(state, rates=rates, leapt=leapt)
        excess = max(self.deviations * before.mad, self.relative * abs(before.median))
        jumped = median_of(losses) > before.median + excess
        stays = state.leapt and before.is_below(losses)
        rate_off = self._is_off(state.rates)
        bad = jumped or stays
        if not bad and (state.judged > 1 or not rate_off):
            return state, None
        if state.judged > 1 and not state.severity:
            return state, None
        lasts = state.judged > 1 or (stays and self._has_lasted(block, rows[1]))
        severity = Severity.WARNING if lasts else Severity.INFO
        kind = EventKind.WORSENED if state.severity else EventKind.OPENED
        title, evidence = self._told(state, context, losses)
        onset, name = state.baseline_row, context.train_loss
        event = Event(kind, rows[1], onset, severity, title, name, known(evidence))
        # A rate alone is no reason to look at the next cell, nor is what has lasted.
        judged = state.judged if bad and not lasts else _CELLS
        return replace(state, severity=severity, judged=judged), event

    def _has_lasted(self, block: Block, row: int) -> bool:
        """Return whether so many steps have gone by since the run goes on."""
        told = finite(block.steps[block.baseline_row : row + 1])
        return len(told) > 0 and told[-1] - told[0] >= self.lasts

    def _told(self, state: Seam, context: Context, losses: Floats) -> tuple[str, dict[str, Any]]:
        """Return what is told of losses behind the seam, in words and numbers."""
        was = state.before.level if state.leapt else state.before.median
        value, (lr_before, lr_after) = median_of(losses), state.rates
        evidence: dict[str, Any] = {"before": was, "after": value, "mad": state.before.mad}
        evidence |= {"lr_before": lr_before, "lr_after": lr_after}
        title = f"{context.train_loss} was {was:.3g} before the resume and is {value:.3g}"
        if self._is_off(state.rates):
            title += f"; lr was {lr_before:.3g} and is {lr_after:.3g}"
        return title, evidence

    def _seam(self, context: Context, block: Block) -> Seam:
        """Return the state at a new baseline: what the loss was where the run goes on."""
        row = context.baseline_row
        seam = Seam(row)
        resumed = any(
            event.row == row and event.kind in (HEADER, LogEventKind.RESUME)
            for event in block.lane.events
        )
        if not (row in block.lane.rewinds or resumed) or context.smoothed:
            return seam
        losses = self._ahead(block, context.train_loss, row)
        if len(losses) < _FEWEST:
            return seam
        return replace(seam, before=before(losses))

    def _ahead(self, block: Block, name: str | None, row: int) -> Floats:
        """Return the last samples before `row` whose step comes before that of the resume."""
        every = block.lane.samples(name)
        (last,) = every.positions(row)
        rows = every.rows[max(0, last - _LOOKED_AT) : last]
        values = every.values[max(0, last - _LOOKED_AT) : last]
        steps = block.steps[row : row + 2]
        told = finite(steps)
        ahead = np.isfinite(values)
        if len(told):
            ahead &= ~(block.steps[rows] >= told[-1])
        kept: Floats = values[ahead][-self.before :]
        return kept

    def _rates(self, context: Context, block: Block, row: int) -> tuple[float, float]:
        """Return the learning rate just before the step where the run goes on, and that after."""
        before = self._ahead(block, context.learning_rate, context.baseline_row)
        after = block.before(context.learning_rate, _FEWEST, row + 1).values
        after = finite(after)
        if not len(before) or not len(after):
            return np.nan, np.nan
        return float(before[-1]), float(after[0])

    def _is_off(self, rates: tuple[float, float]) -> bool:
        low, high = min(rates), max(rates)
        return bool(low > 0 and high > self.rate * low)

    @staticmethod
    def fires() -> list[Record]:
        """A resume whose loss is back at the beginning."""
        noise = np.random.default_rng(0).normal(0, 0.02, 400)
        fall = np.where(np.arange(400) < 200, np.arange(400), np.arange(400) - 200)
        loss = 0.3 + 2 * np.exp(-fall / 60) + noise
        records: list[Record] = [{"step": s, "train/loss": float(loss[s])} for s in range(400)]
        return [*records[:200], {"event": "resume", "step": 200}, *records[200:]]

    @staticmethod
    def quiet() -> list[Record]:
        """A resume that goes on where it was."""
        noise = np.random.default_rng(0).normal(0, 0.02, 400)
        loss = 0.3 + 2 * np.exp(-np.arange(400) / 60) + noise
        records: list[Record] = [{"step": s, "train/loss": float(loss[s])} for s in range(400)]
        return [*records[:200], {"event": "resume", "step": 200}, *records[200:]]


def _val(context: Context, block: Block) -> list[int]:
    """Return the rows of the evaluations of a block behind its seam."""
    rows: list[int] = block.samples(context.val_loss).rows.tolist()
    return [row for row in rows if row > context.baseline_row]


_EVALUATIONS = 3
"""Evaluations before the seam, whose range tells their noise."""

_SINCE = 2
"""Losses since, at least: one may be a hard batch."""

_CELLS = 2
"""Cells behind a seam that are judged: what is not restored shows at once."""

_LOOKED_AT = 1_024
"""Samples looked back over for those before the step where the run goes on."""
