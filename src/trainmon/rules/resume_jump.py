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
them: a warning, and info where only the first 8 are. A learning rate that is more than 1.5 times
off the one logged before at that step is told as what was not restored; by itself it is info.

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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
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
    median: float = np.nan
    mad: float = np.nan
    rates: tuple[float, float] = (np.nan, np.nan)
    """The learning rate before and after."""
    severity: Severity | None = None
    judged: int = 0
    """Cells after it that were judged."""


@dataclass(frozen=True)
class ResumeJump(Rule[Seam]):
    """A loss that jumps where a run goes on."""

    id = "resume-jump"
    summary = "after a resume the loss is far above where it was; says if the lr is too"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)

    deviations: float = threshold(4.0, "MAD: medians of 8 and of 50 differ by 1 to 2 by chance")
    relative: float = threshold(0.1, "of the loss before: less is no loss of training")
    before: int = threshold(50, "losses before the step where it goes on")
    rate: float = threshold(1.5, "times: a schedule does not jump as far by itself")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: whole cells are enough."""
        del context
        return ()

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
        if state.judged >= _CELLS or not np.isfinite(state.median):
            return state, []
        digest, events = block.digest(context.train_loss), list[Event]()
        first = digest.since(block.start)
        for at in range(first, min(first + _CELLS - state.judged, len(digest))):
            row, value = int(digest.rows[at]), float(digest.median[at])
            state, event = self._judged(state, context, block, row, value)
            events += [event] if event else []
        return state, events

    def _judged(
        self, state: Seam, context: Context, block: Block, row: int, value: float
    ) -> tuple[Seam, Event | None]:
        state = replace(state, judged=state.judged + 1)
        if state.judged == 1:
            state = replace(state, rates=self._rates(context, block, row))
        excess = max(self.deviations * state.mad, self.relative * abs(state.median))
        jumped = value > state.median + excess
        rate_off = self._is_off(state.rates)
        if state.judged > 1 and not (jumped and state.severity):
            return state, None
        if not jumped and not rate_off:
            return state, None
        severity = Severity.WARNING if state.judged > 1 else Severity.INFO
        kind = EventKind.WORSENED if state.severity else EventKind.OPENED
        evidence: dict[str, Any] = {"before": state.median, "after": value, "mad": state.mad}
        evidence |= {"lr_before": state.rates[0], "lr_after": state.rates[1]}
        title = f"{context.train_loss} was {state.median:.3g} before the resume and is {value:.3g}"
        if rate_off:
            title += f"; lr was {state.rates[0]:.3g} and is {state.rates[1]:.3g}"
        onset, name = state.baseline_row, context.train_loss
        event = Event(kind, row, onset, severity, title, name, known(evidence))
        # A rate alone is no reason to look at the next cell.
        return replace(state, severity=severity, judged=state.judged if jumped else _CELLS), event

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
        half = len(losses) // 2
        median = median_of(losses)
        mad = median_of(np.abs(losses - median))
        drift = median_of(losses[:half]) - median_of(losses[half:])
        return replace(seam, median=median, mad=max(mad, abs(drift)))

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
        return float(before[-1]), float(after[-1])

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


_CELLS = 2
"""Cells behind a seam that are judged: what is not restored shows at once."""

_LOOKED_AT = 1_024
"""Samples looked back over for those before the step where the run goes on."""
