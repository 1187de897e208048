"""Gradients vanish: of the whole model, or on their way to its first layers.

Looks for
---------
A gradient norm that is next to nothing or exactly 0; layers whose gradients are exactly 0; and
first layers that get a millionth of what the last ones get.

Why it matters
--------------
What gets no gradient does not learn. Saturated units, dead ReLUs, a detached graph or ten sigmoids
in a row all end here, and the loss alone shows nothing but a plateau.

Fires when
----------
After the warm-up the median of the norm is below 1e-7 over 100 steps while the loss stands (it has
fallen by less than a tenth); or the norm is exactly 0 over 100 steps while the loss stands, which
is an error if it was above 0 before. Where layers are logged: half of them have a gradient of
exactly 0 in 3 looks in a row; or the first third of the weights gets less than a millionth of what
the last third gets, in 3 looks in a row: a warning, and info if the loss falls all the same. Looks
get rarer with time.

Stays quiet
-----------
On runs that have converged; where the norm is 0 in all records and the loss falls, or the log does
not begin with the run: it was not measured then.

What to do
----------
ReLU or GELU instead of sigmoids, residual connections, normalisation, an initialisation that fits;
biases that begin at 0; a lower learning rate if units died. At exactly 0 look for `detach()`,
`torch.no_grad()` and `argmax` between the weights and the loss.

Sources
-------
Glorot and Bengio, Understanding the difficulty of training deep feedforward networks (2010).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("grad-vanishing")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.title
('error', 'grad_norm has been exactly 0 for 200 records, and the loss stands')
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, isfinite, nan
from typing import Any, NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import has_new, loss_began, loss_fallen
from trainmon.courses.lasting import (
    WELL,
    Lasting,
    Turn,
    Windows,
    follow,
    steps_apart,
    windows,
)
from trainmon.digest import CELL
from trainmon.gradients.leading_layers import leading, smallest
from trainmon.gradients.looks import Looks, TooLittle, followed
from trainmon.gradients.vanishing import Vanishing
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


class Watch(NamedTuple):
    """The norm of the whole model, and what its layers told."""

    metric: str | None = None
    baseline_row: int = 0
    apart: float = nan
    """Steps from one record to the next."""
    loss: float = nan
    """The level of the first losses."""
    from_start: bool = False
    """Whether the log begins with the run."""
    was_above: bool = False
    """Whether the norm was ever above 0."""
    lasting: Lasting = WELL
    looks: Looks = Looks()


@dataclass(frozen=True)
class GradVanishing(Rule[Watch]):
    """Gradients that are 0 or next to nothing."""

    id = "grad-vanishing"
    summary = "gradients are next to nothing, or do not reach the first layers"
    needs = (
        Need("grad_norm", (Role.GRAD_NORM, Role.LAYER_GRAD_NORM), "log.watch(model, optimizer)"),
    )

    tiny: float = threshold(1e-7, "of a norm: below it float32 weights do not change any more")
    steps: float = threshold(100.0, "steps over which it lasts")
    zeros: int = threshold(2, "cells of 8 records at least: exact numbers need no more")
    confirmations: int = threshold(3, "cells of 8 records at least, that are tiny throughout")
    stands: float = threshold(0.1, "of the first loss: a run that has lost less has learned little")
    converged: float = threshold(0.9, "of the first loss: what is left may need no gradient")
    stands_unmeasured: float = threshold(
        0.01, "of the first loss, where the norm was never above 0 and may not be measured"
    )
    unmeasured: int = threshold(25, "cells of 8 records before that is said")
    beginning: float = threshold(
        100.0, "steps: a log that begins later does not show the beginning"
    )
    dead: float = threshold(
        0.5, "of the layers: heads and gates that wait for their turn are fewer"
    )
    starved: float = threshold(
        1e-6, "of what the last layers get: residual networks and ReLUs have 0.01 to 100"
    )
    looks: int = threshold(3, "looks at the layers in a row: alternating losses rest some layers")
    learns: float = threshold(
        0.5, "of the first loss: a run that has lost more learns all the same"
    )

    @cached_property
    def _vanishing(self) -> Vanishing:
        return thresholds(Vanishing, self)

    @cached_property
    def _too_little(self) -> TooLittle:
        return thresholds(TooLittle, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return one layer, whose records tell when layers are logged."""
        return context.names(Role.LAYER_GRAD_NORM)[:1]

    def paced(self, context: Context) -> Collection[str]:
        """Return the norm of the model, and the loss beside it."""
        return [name for name in (context.grad_norm, context.train_loss) if name]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge the new cells of the norm, and the layers where they are logged."""
        if not isfinite(state.loss):
            state = state._replace(loss=loss_began(context, block))
        state, events = self._over_cells(state, context, block)
        looks, found = followed(state.looks, self._too_little, context, block, state.loss)
        if looks is not state.looks:
            state = state._replace(looks=looks)
        return state, sorted((*events, *found), key=lambda event: event.row)

    def _over_cells(
        self, state: Watch, context: Context, block: Block
    ) -> tuple[Watch, list[Event]]:
        """Judge the new cells of the norm: all at once where nothing is the matter."""
        digest = block.digest(context.grad_norm)
        if not has_new(digest, block):
            return state, []
        if state.metric != context.grad_norm or state.baseline_row != context.baseline_row:
            state = self._anew(state, context, block)
        well = not state.lasting.bad and state.lasting.severity is None and state.was_above
        if well and digest.median[digest.since(block.start) :].min() >= self.tiny:
            return state, []
        every = windows(digest, block.start)
        was_above, from_start = state.was_above, state.from_start
        grades = self._vanishing.grades(
            context, block, every, state.loss, was_above=was_above, from_start=from_start
        )
        was_above = was_above or bool((digest.high[every.first] > 0).any())
        state = state._replace(was_above=was_above)
        if state.lasting.is_still(grades):
            return state, []
        lasting = ceil(self.steps / (CELL * (state.apart if isfinite(state.apart) else 1.0)))
        needed, zeros = max(self.confirmations, lasting), max(self.zeros, lasting)
        calm = digest.median[every.first] > self.tiny
        held, turns = follow(state.lasting, every, grades, calm, needed, zeros)
        events = [
            self._told(state, context, block, every, turn)
            for turn in turns
            if grades[turn.place] or turn.kind == EventKind.CLEARED
        ]
        return state._replace(lasting=held), events

    def _anew(self, state: Watch, context: Context, block: Block) -> Watch:
        """Return the state at a new baseline; what is open stays so."""
        same = state.metric == context.grad_norm
        digest = block.digest(context.grad_norm)
        step = float(block.steps[int(digest.first_rows[0])])
        return Watch(
            context.grad_norm,
            context.baseline_row,
            steps_apart(block, digest),
            state.loss,
            state.from_start if same else not step > self.beginning,
            same and state.was_above,
            state.lasting.anew() if same else WELL,
            state.looks,
        )

    def _told(
        self, state: Watch, context: Context, block: Block, every: Windows, turn: Turn
    ) -> Event:
        """Return the event of a turn."""
        name = str(state.metric)
        if turn.kind == EventKind.CLEARED:
            severity = _severity(turn)
            return replace(turn.event(f"{name} is usual again", name, {}), severity=severity)
        median = float(every.digest.median[every.first[turn.place]])
        samples = block.before(name, LOOKBACK, turn.row + 1)
        above = np.flatnonzero(samples.values > self.tiny)
        since = int(above[-1]) + 1 if len(above) else len(samples)
        first = turn.kind == EventKind.OPENED and since < len(samples)
        onset = int(samples.rows[since]) if first else turn.onset
        records = int(np.count_nonzero(samples.rows >= onset))
        evidence: dict[str, Any] = {
            "median": median,
            "records": records,
            "fallen": loss_fallen(context, block, state.loss, turn.row),
            **leading(context, block, turn.row, smallest),
        }
        what = "exactly 0" if median == 0 else f"around {median:.1g}"
        title = f"{name} has been {what} for {records} records, and the loss stands"
        if median == 0 and turn.severity == Severity.INFO:
            title = f"{name} is exactly 0 in all {records} records, and the loss never moved"
        event = turn.event(title, name, evidence)
        return replace(event, severity=_severity(turn), onset=onset)

    @staticmethod
    def fires() -> list[Record]:
        """A norm that drops to 0 at step 200, where all units died, and a loss that stays."""
        rng = np.random.default_rng(0)
        norm = np.where(np.arange(500) < 200, rng.lognormal(0, 0.3, 500), 0.0)
        loss = 2.3 - 0.2 * np.clip(np.arange(500) / 200, 0, 1) + rng.normal(0, 0.02, 500)
        return [
            {"step": at, "train/loss": float(loss[at]), "grad_norm": float(norm[at])}
            for at in range(500)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A norm that is logged as 0 because nobody measures it, and a loss that falls."""
        loss = 2.3 * np.exp(-np.arange(500) / 300)
        return [{"step": at, "train/loss": float(loss[at]), "grad_norm": 0.0} for at in range(500)]


def _severity(turn: Turn) -> Severity:
    return Severity.ERROR if turn.severity > Severity.INFO else Severity.WARNING
