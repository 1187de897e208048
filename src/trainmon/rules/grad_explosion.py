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
where it began, in 3 records in a row. Infinite norms count, and NaN behind such a norm; a single
NaN out of nowhere is left to `non-finite`. Or its level grows by more than half a decade in each
of three tenths of the run (of 1,000 records each where nothing is planned) to 30 times what it was,
while the learning rate does not fall. It is an error when it lasts for 32 records. It names the
layer with the largest gradient. Norms 30 times those of the first records count as well, where the
loss has not fallen.

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
from math import inf, isfinite, isnan, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.cells import beginning, has_new, has_one_new, in_a_row, level_at, rate_at
from trainmon.digests import CELL, Digest
from trainmon.gradients.leading_layers import largest, layers_at
from trainmon.medians import median_of
from trainmon.record import spell
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold

USUAL = 24
"""Cells of 8 records whose median is the usual norm: 192 records."""

_FEWEST = 4
"""Cells that tell what is usual at least."""

_LEVEL = 6
"""Cells of a level at a tenth of the run: 48 records."""

_TENTHS = 3
"""Tenths of the run over which a norm grows steadily."""

_RECORDS = 125
"""Cells that stand for a tenth where nothing is planned: 1,000 records."""


Indices = NDArray[np.intp]


class Open(NamedTuple):
    """An explosion that is not over."""

    onset: int
    usual: float
    """The norm that it is measured against."""
    severity: Severity
    cells: int = 0
    """Cells in which it lasted."""
    calm: int = 0
    """Calm cells in a row."""


class Mark(NamedTuple):
    """How the run stood when a tenth of it began."""

    row: int
    level: float
    loss: float
    rate: float


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
    marks: tuple[Mark, ...] = ()
    tenth: int = 0
    """The tenth of the run that the last mark was made in."""
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
            state = state._replace(loss=beginning(block.digest(context.train_loss)))
        digest = block.digest(context.grad_norm)
        if not has_new(digest, block):
            return state, []
        if state.metric != context.grad_norm or state.baseline_row != context.baseline_row:
            same = state.metric == context.grad_norm
            now, first = state.open if same else None, beginning(digest)
            state = Watch(context.grad_norm, context.baseline_row, first, state.loss, open=now)
        if not state.open and has_one_new(digest, block) and self._is_calm(state, digest):
            state = state._replace(high=0) if state.high else state
            state, event = self._marked(state, context, block, digest, len(digest) - 1)
            return state, [event] if event else []
        return self._over_cells(state, context, block, digest)

    def _is_calm(self, state: Watch, digest: Digest) -> bool:
        """Return whether the last cell is of the usual size, whatever that is exactly."""
        high, before = digest.high.item(-1), digest.median[-USUAL - 1 : -1]
        if digest.bad.item(-1) or high > self.times_first * state.first:
            return False
        return not len(before) or high <= self.times * before.min()

    def _over_cells(
        self, state: Watch, context: Context, block: Block, digest: Digest
    ) -> tuple[Watch, list[Event]]:
        """Judge the new cells that stand out, those that follow an explosion, and the tenths."""
        begin, events = digest.since(block.start), list[Event]()
        high = digest.high[begin:]
        least = digest.median[max(0, begin - USUAL) :].min()  # NaN compares as false
        low = high.max() <= min(self.times * least, self.times_first * state.first)
        if low and not state.open and not digest.bad[begin:].any():
            far = above = np.zeros(len(high), np.bool_)
        else:
            far, above = self._far(state, context, digest, begin)
        runs = in_a_row(above, state.high)
        marks = self._tenths(context, block, digest, begin)
        changes = np.concatenate(((state.tenth,), marks[:-1])) != marks
        marked = changes | far | above
        for place in range(len(high)) if state.open or marked.any() else ():
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

    def _far(
        self, state: Watch, context: Context, digest: Digest, begin: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which cells may hold an explosion, and which stand far above the first one."""
        high, median, bad = digest.high[begin:], digest.median[begin:], digest.bad[begin:]
        if context.learning_row is None:
            nowhere = np.zeros(len(high), np.bool_)
            return nowhere, nowhere
        begun = digest.bad[begin - 1] == CELL if begin else False
        nothing = (bad == CELL) & np.concatenate(((begun,), bad[:-1] == CELL))
        far = (high > self.times * _least_before(digest.median, begin)) | ((bad > 0) & ~nothing)
        above = (median > self.times_first * state.first) & (state.first > 0)
        behind = digest.first_rows[begin:] >= context.learning_row
        return far & behind, above & behind

    def _sudden(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Look whether several records in a row, the last one in a cell, stand far above before."""
        before = digest.median[max(0, cell - USUAL) : cell]
        before = before[np.isfinite(before)]
        usual = median_of(before) if len(before) >= _FEWEST else nan
        row = int(digest.rows[cell])
        if not usual > 0 or self._learns(context, block, row):
            return state, None
        limit = max(self.times * usual, 0.0 if isnan(state.first) else state.first)
        samples = block.before(state.metric, 3 * CELL, row + 1)
        scaled = bool(context.names(Role.AMP_SCALE))
        streak, onset, worst = 0, row, 0.0
        for at, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
            endless = not isfinite(value) and not scaled and (value == inf or streak > 0)
            if not (endless or limit < value < inf):
                streak, worst = 0, 0.0
                continue
            onset = at if not streak else onset
            streak, worst = streak + 1, max(worst, value)
            if streak >= self.records and at >= digest.first_rows[cell]:
                how = "sudden"
                return self._opened(state, context, block, (onset, row), (usual, worst), how)
        return state, None

    def _learns(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the loss fell just now: such a run leaves a plateau."""
        digest = block.digest(context.train_loss)
        end = digest.since(row + 1)
        before = digest.median[max(0, end - USUAL - 1) : max(0, end - 1)]
        if not len(before):
            return False
        usual = median_of(before)
        return bool(digest.median[end - 1] < usual - (1 - self.falls) * abs(usual))

    def _from_start(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Return what a norm says that is far above that of the first records."""
        row = int(digest.rows[cell])
        loss = level_at(block.digest(context.train_loss), row, _LEVEL)
        learned = loss < state.loss - (1 - self.falls) * abs(state.loss)
        if learned or self._learns(context, block, row):
            return state, None
        above = digest.median[: cell + 1] > self.back * state.first
        calm = np.flatnonzero(~above)
        onset = int(digest.first_rows[calm[-1] + 1 if len(calm) else 0])
        values = state.first, float(digest.median[cell])
        return self._opened(state, context, block, (onset, row), values, "start")

    def _tenths(self, context: Context, block: Block, digest: Digest, begin: int) -> Indices:
        """Return in which tenth of the run each new cell ends, or of how many records."""
        if context.planned_steps:
            steps = block.steps[digest.rows[begin:]]
            done = 10 * steps / context.planned_steps
            return np.where(np.isfinite(done), done, 0).astype(np.intp)
        numbers = np.arange(begin, len(digest)) + digest.count - len(digest)
        return numbers // _RECORDS

    def _marked(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Make a mark where a tenth of the run begins, and look whether the last ones grew."""
        row = int(digest.rows[cell])
        if context.planned_steps:
            step = float(block.steps[row])
            tenth = int(10 * step / context.planned_steps) if isfinite(step) else 0
        else:
            tenth = (digest.count - len(digest) + cell) // _RECORDS
        if tenth == state.tenth:
            return state, None
        level = median_of(digest.median[max(0, cell + 1 - _LEVEL) : cell + 1])
        loss = level_at(block.digest(context.train_loss), row, _LEVEL)
        now = Mark(row, level, loss, rate_at(context, block, row))
        marks = (*state.marks, now)[-_TENTHS - 1 :]
        state = state._replace(marks=marks, tenth=tenth)
        if state.open or len(marks) <= _TENTHS or context.learning_row is None:
            return state, None
        began = marks[0]
        growth = np.diff(np.log10([mark.level for mark in marks]))
        falls = loss < began.loss - (1 - self.falls) * abs(began.loss)
        slower = now.rate < self.slower * began.rate
        if began.row < context.learning_row or falls or slower or not (growth > self.decades).all():
            return state, None
        return self._opened(state, context, block, (began.row, row), (began.level, level), "steady")

    def _opened(
        self,
        state: Watch,
        context: Context,
        block: Block,
        rows: tuple[int, int],
        norms: tuple[float, float],
        how: str,
    ) -> tuple[Watch, Event]:
        """Return the state with an open explosion, and the event that tells it."""
        (onset, row), (usual, value), name = rows, norms, str(state.metric)
        evidence: dict[str, Any] = {
            "how": how,
            "median": usual,
            "value": spell(value),
            "ratio": spell(value / usual),
            "lr": rate_at(context, block, row),
            "clip": context.clip or nan,
        }
        layers = layers_at(context, block, Role.LAYER_GRAD_NORM, row)
        leads = largest(layers)
        if leads is not None:
            evidence |= {"layer": leads, "layer_norm": layers[leads]}
        ratio = f"{value / usual:,.0f} times" if isfinite(value) else "beyond all bounds of"
        title = {
            "sudden": f"{name} is {ratio} its usual size",
            "start": f"{name} is {ratio} what it was at the start, and the loss does not fall",
            "steady": f"{name} grows and grows: it is {ratio} what it was three tenths ago",
        }[how]
        event = Event(EventKind.OPENED, row, onset, Severity.WARNING, title, name, known(evidence))
        return state._replace(open=Open(onset, usual, Severity.WARNING)), event

    def _followed(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int
    ) -> tuple[Watch, Event | None]:
        """Return whether an open explosion lasts, or is over."""
        now, row, name = state.open, int(digest.rows[cell]), str(state.metric)
        if now is None:
            return state, None
        limit = self.back * now.usual
        lasts = bool(digest.bad[cell] == CELL or digest.median[cell] > limit)
        calm = bool(digest.bad[cell] == 0 and digest.high[cell] <= limit)
        now = now._replace(cells=now.cells + lasts, calm=now.calm + 1 if calm else 0)
        if now.calm >= _CALM:
            title = f"{name} is back to its usual size"
            event = Event(EventKind.CLEARED, row, now.onset, now.severity, title, name)
            return state._replace(open=None), event
        if now.cells < self.lasting or now.severity == Severity.ERROR:
            return state._replace(open=now), None
        value = float(digest.median[cell])
        title = (
            f"{name} has been far above its usual {now.usual:.3g} for {CELL * now.cells} records"
        )
        evidence = {"value": value, "median": now.usual, "ratio": value / now.usual}
        evidence |= {"lr": rate_at(context, block, row), "records": CELL * now.cells}
        event = Event(
            EventKind.WORSENED, row, now.onset, Severity.ERROR, title, name, known(evidence)
        )
        return state._replace(open=now._replace(severity=Severity.ERROR)), event

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


_CALM = 2
"""Calm cells in a row after which it is over."""


def _least_before(medians: Floats, begin: int) -> Floats:
    """Return for each cell from one on the least median of the cells that tell what is usual."""
    padded = np.concatenate((np.full(USUAL, inf), medians))
    windows = sliding_window_view(padded[begin:-1], USUAL)
    return np.asarray(np.fmin.reduce(windows, axis=1))
