"""Gradients explode: within a few steps, or steadily over the run.

Looks for
---------
A gradient norm that is suddenly a hundred times its usual size for several steps or infinite, or
that grows by half a decade in each tenth of the run.

Why it matters
--------------
Exploding gradients are how a run dies: what comes next is a loss that jumps, updates that ruin the
weights, and NaN. A norm that grows and grows says so long before.

Fires when
----------
After the warm-up the norm is above 100 times the median of the 192 records before it, and above
where it began, in 3 records in a row, or in one at 1,000 times that median while all others stay
below a thirtieth of it: that batch holds what no other does. Infinite norms count, and NaN behind
such a norm; a single NaN out of nowhere is left to `non-finite`. Or its level grows by more than
half a decade in each of three tenths of the run (of 1,000 records each where nothing is planned) to
30 times what it was, while the learning rate does not fall. It is an error when it lasts for 32
records. It names the layer with the largest gradient. Norms 30 times those of the first records
count as well, where the loss has not fallen.

Stays quiet
-----------
Where the loss falls meanwhile: a run that leaves a plateau learns. On norms after clipping, which
pile up at the threshold and show nothing; with a loss scale, where infinite norms are ordinary; on
a norm that comes back to what it was after having been small.

What to do
----------
Go back to the last checkpoint before the onset. Lower the learning rate to a third, lengthen the
warm-up, clip near the 90th percentile of the norms. Where one layer leads look at what it gets.

Sources
-------
Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("grad-explosion")
>>> event = replay(rule, rule.fires())[0].event
>>> event.onset, event.title
(300, 'grad_norm is 1,515 times its usual size')
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, isnan, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import beginning, has_new, in_a_row, level_at, loss_began
from trainmon.digest import CELL, Digest
from trainmon.gradients.explosion import How, Open, opened
from trainmon.gradients.growth import LEVEL, Growth, Steadily, tenths
from trainmon.gradients.outburst import Far, leaves_plateau, lone, outburst, usual_before
from trainmon.losses.rival_losses import has_rivals
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


class Watch(NamedTuple):
    """The norm so far."""

    metric: str | None = None
    baseline_row: int = 0
    first: float = nan
    """The norm of the first cell."""
    loss: float = nan
    """The level of the first losses."""
    high: int = 0
    """Cells in a row that stood far above the first one."""
    growth: Growth = Growth()
    """From one tenth of the run to the next."""
    open: Open | None = None


@dataclass(frozen=True)
class GradExplosion(Rule[Watch]):
    """A gradient norm that explodes or grows steadily."""

    id = "grad-explosion"
    summary = "the gradient norm is 100 times its usual size for several steps, or grows and grows"
    needs = (Need("grad_norm", (Role.GRAD_NORM,), "log.watch(model, optimizer)"),)

    times: float = threshold(
        100.0, "times the usual norm: single batches reach 10, three in a row never this"
    )
    records: int = threshold(3, "records in a row: one or two are a bad batch")
    times_alone: float = threshold(
        1_000.0, "times the usual norm of one record far beyond all others: healthy ones reach 40"
    )
    times_first: float = threshold(
        30.0, "times the first norm while the loss does not fall: for what explodes from the start"
    )
    decades: float = threshold(
        0.5, "decades per tenth of the run: norms of healthy runs grow threefold over all of it"
    )
    falls: float = threshold(0.95, "of the loss before: a run whose loss is below it learns")
    slower: float = threshold(0.9, "of the learning rate three tenths ago: below it the rate falls")
    back: float = threshold(
        10.0, "times the usual norm: below it is over, in two cells of 8 records"
    )
    lasting: int = threshold(4, "cells of 8 records in which it lasts: no bad batch does that")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: cells are enough."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the norm, and the loss beside it."""
        return [name for name in (context.grad_norm, context.train_loss) if name]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge the new cells: all at once where nothing is the matter."""
        if not isfinite(state.loss):
            state = state._replace(loss=loss_began(context, block))
        digest = block.digest(context.grad_norm)
        if not has_new(digest, block):
            return state, []
        if state.metric != context.grad_norm or state.baseline_row != context.baseline_row:
            same = state.metric == context.grad_norm
            now, first = state.open if same else None, beginning(digest)
            state = Watch(context.grad_norm, context.baseline_row, first, state.loss, open=now)
        begin = digest.since(block.start)
        calm = not state.open and self._far.are_calm(digest, begin, state.first)
        if calm and state.growth.stays(context, block, digest, begin):
            return state._replace(high=0) if state.high else state, []
        return self._over_cells(state, context, block, digest, begin)

    def _over_cells(
        self, state: Watch, context: Context, block: Block, digest: Digest, begin: int
    ) -> tuple[Watch, list[Event]]:
        """Judge the new cells that stand out, those that follow an explosion, and the tenths."""
        events = list[Event]()
        far, above = self._far.cells(digest, begin, state.first, context.learning_row)
        runs = in_a_row(above, state.high)
        marks = tenths(context, block, digest, begin)
        changes = np.concatenate(((state.growth.tenth,), marks[:-1])) != marks
        marked = changes | far | above
        for place in range(len(far)) if state.open or marked.any() else ():
            if not (state.open or marked[place]):
                continue
            cell = begin + place
            found = list[Event | None]()
            if state.open:
                state, event = self._followed(state, context, block, digest, cell)
                found.append(event)
            if not state.open and far[place]:
                state, event = self._sudden(state, context, block, digest, cell)
                found.append(event)
            if not state.open and runs[place] >= self.records:
                state, event = self._from_start(state, context, block, digest, cell)
                found.append(event)
            state, event = self._marked(state, context, block, digest, cell)
            events += [event for event in (*found, event) if event]
        return state._replace(high=int(runs[-1])), events

    def _sudden(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Look whether several records in a row, the last one in a cell, stand far above before."""
        usual, row = usual_before(digest.median, cell), int(digest.rows[cell])
        if not usual > 0:
            return state, None
        samples = block.before(state.metric, 3 * CELL, row + 1)
        scaled, since = bool(context.names(Role.AMP_SCALE)), int(digest.first_rows[cell])
        found = None
        if not leaves_plateau(context, block, row, self.falls):
            limit = max(self.times * usual, 0.0 if isnan(state.first) else state.first)
            found = outburst(samples, limit, self.records, since, scaled=scaled)
        if found is None and not scaled and not has_rivals(context):
            found = lone(samples, digest, cell, usual, self.times_alone)
        if found is None:
            return state, None
        now = Open(found.onset, usual)
        return self._opened(state, context, block, row, now, found.worst, "sudden")

    def _from_start(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Return what a norm says that is far above that of the first records."""
        row = int(digest.rows[cell])
        loss = level_at(block.digest(context.train_loss), row, LEVEL)
        learned = loss < state.loss - (1 - self.falls) * abs(state.loss)
        if learned or leaves_plateau(context, block, row, self.falls):
            return state, None
        above = digest.median[: cell + 1] > self.back * state.first
        calm = np.flatnonzero(~above)
        onset = int(digest.first_rows[calm[-1] + 1 if len(calm) else 0])
        now, value = Open(onset, state.first), float(digest.median[cell])
        return self._opened(state, context, block, row, now, value, "start")

    def _marked(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Make a mark where a tenth of the run begins, and look whether the last ones grew."""
        growth = state.growth.marked(context, block, digest, cell)
        if growth is state.growth:
            return state, None
        state = state._replace(growth=growth)
        if state.open or not growth.is_steady(self._steadily, context.learning_row):
            return state, None
        row, began = int(digest.rows[cell]), growth.marks[0]
        now, value = Open(began.row, began.level), growth.marks[-1].level
        return self._opened(state, context, block, row, now, value, "steady")

    @cached_property
    def _far(self) -> Far:
        return thresholds(Far, self)

    @cached_property
    def _steadily(self) -> Steadily:
        return thresholds(Steadily, self)

    def _opened(
        self,
        state: Watch,
        context: Context,
        block: Block,
        row: int,
        now: Open,
        value: float,
        how: How,
    ) -> tuple[Watch, Event]:
        """Return the state with an open explosion, and the event that tells it."""
        event = opened(context, block, row, str(state.metric), now, value, how)
        return state._replace(open=now), event

    def _followed(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Return whether an open explosion lasts, or is over."""
        if state.open is None:
            return state, None
        row, name = int(digest.rows[cell]), str(state.metric)
        now = state.open.after(digest, cell, self.back)
        if now.is_over:
            return state._replace(open=None), now.cleared(row, name)
        if now.cells < self.lasting or now.severity == Severity.ERROR:
            return state._replace(open=now), None
        now, event = now.lasting(context, block, row, name, float(digest.median[cell]))
        return state._replace(open=now), event

    @staticmethod
    def fires() -> list[Record]:
        """A norm that is a thousand times its usual size from step 300 on; the loss jumps."""
        rng = np.random.default_rng(0)
        far = np.arange(400) >= 300
        norm = rng.lognormal(0, 0.3, 400) * np.where(far, 1_000.0, 1.0)
        loss = rng.lognormal(0, 0.1, 400) * np.where(far, 5.0, 1.0)
        return [
            {"step": at, "train/loss": float(loss[at]), "grad_norm": float(norm[at])}
            for at in range(400)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Single batches with huge gradients, and a plateau that the run leaves."""
        rng = np.random.default_rng(1)
        left = np.arange(500) >= 300
        norm = rng.lognormal(0, 0.3, 500) * np.where(left, 0.5, 0.002)
        norm[120::97] *= 300
        loss = 2.3 * np.exp(-np.clip(np.arange(500) - 295, 0, None) / 50)
        return [
            {"step": at, "train/loss": float(loss[at]), "grad_norm": float(norm[at])}
            for at in range(500)
        ]
