"""The training loss jumped far above its usual spread.

Looks for
---------
A training loss far outside the spread of the 200 samples before it, and whether it comes back.

Why it matters
--------------
A spike is the run's reaction to a bad batch, a burst of large gradients or a learning rate at the
edge of what it bears. One that comes back costs little; one that stays has destroyed what was
learned.

Fires when
----------
A loss is more than 6 robust standard deviations (from the median absolute deviation) above the
median of its window, 4.5 on the scale of logarithms, where heavy-tailed batch losses are near
normal, and at least 10 % above the median. It is info when the loss is back within 2 MAD of the old
median in 50 steps, or in 16 records where these are more steps, and becomes a warning when it is
not. It says which batch of the epoch it was, and how large the gradient was there.

Jumps that are over at once are a warning, too, from the third on where each is 10 times the median
and 3 times the first losses of the run, and they make up a fifth of the sum of all losses since:
that is what the model is trained on, or clipped at. So is one in the same batch of each epoch, from
the third epoch on, or every so many records (a fourth time) where no epochs are told, that is 10
times the median and worse than an untrained model: no batch is so hard by nature. And so is a
single one, at once, that is 30 times the median and 3 times the first losses where of the 100
losses before it none lies between: it does no harm that shows, but data like that is wrong.

Stays quiet
-----------
Within 1 % of an epoch border, where a step in the loss is ordinary, unless it is one of 30 times;
where the learning rate has just been raised, and for a whole window where that was a restart of its
schedule; on logs that are already smoothed, whose spread says nothing of single batches; after a
resume until there is a new baseline. Never more than info where other losses lie between far jumps
and the usual ones: that is the tail of a distribution that has one.

What to do
----------
Look at the batch of the onset. If spikes recur, clip gradients near the 90th percentile of their
norms or lower the peak learning rate; if the loss does not come back, restart from the checkpoint
before the onset and skip some hundred batches.

Sources
-------
Chowdhery et al., PaLM (2022), section 5.1, for restarting before the spike and skipping batches.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loss-spike")
>>> [(d.event.kind.value, d.event.onset) for d in replay(rule, rule.fires())]
[('opened', 150), ('cleared', 150), ('opened', 300), ('worsened', 300)]
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.ordinary import AROUND, SHORT_BIAS, at_border, lag_1, raised
from trainmon.courses.windows import WINDOW, Baselines, Trail, baselines
from trainmon.epochs.whereabouts import batch_at
from trainmon.finite import finite
from trainmon.losses.far_ones import FarOff, FarOnes, Place, alone
from trainmon.losses.jumps import Jumps
from trainmon.losses.spike import Patience, Spike
from trainmon.medians import median_of
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Floats, Record, Rows
from trainmon.threshold import threshold, thresholds


class Watch(NamedTuple):  # one is made for each record of a live log, at a third of the cost
    """The loss that is watched, its last samples, and the open spike."""

    metric: str | None = None
    baseline_row: int = 0
    trail: Trail = Trail()
    spike: Spike | None = None
    settled: Spike | None = None
    """The last one whose level counts as a new one: only a new beginning takes it back."""
    far_ones: FarOnes = FarOnes()


@dataclass(frozen=True)
class LossSpike(Rule[Watch]):
    """A jump of the training loss beyond its usual spread."""

    id = "loss-spike"
    summary = "the training loss jumped far above its usual spread; says whether it came back"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)
    units = {"share": "share"}  # noqa: RUF012 - declared as a class variable by Rule

    deviations: float = threshold(
        6.0, "robust standard deviations: batch losses reach 4 to 5 by chance in 10,000 samples"
    )
    relative: float = threshold(
        0.1, "of the median: smaller jumps change nothing a person would do"
    )
    log_deviations: float = threshold(
        4.5, "the same on logarithms: heavy-tailed batch losses are near normal there"
    )
    floor: float = threshold(
        0.01, "of the median: the least spread assumed, since logs round to a few digits"
    )
    back_within: float = threshold(2.0, "MAD: a loss as near as this to its old median is back")
    fewest: int = threshold(
        32, "samples of a baseline: fewer do not tell a smoothed log from a raw one"
    )
    soon: int = threshold(50, "steps in which a harmless spike is over")
    soonest: int = threshold(16, "samples, where they are rare: fewer may all be hard batches")
    never: int = threshold(500, "samples after which the level counts as a new one")
    border: float = threshold(0.01, "of an epoch around its border, where losses step")
    raised: float = threshold(1.5, "times: a learning rate raised within 10 samples is a restart")
    smooth: float = threshold(
        0.85, "lag-1 autocorrelation of the detrended window: smoothing by 0.9 makes 0.9 of none"
    )

    far: float = threshold(10.0, "times the median: no batch is so much harder than the others")
    untrained: float = threshold(3.0, "times the first losses: worse than knowing nothing")
    often: int = threshold(3, "jumps so far that are over at once: one or two are chance")
    heavy: float = threshold(0.2, "of the sum of all losses that such jumps make up")
    alone: float = threshold(
        30.0, "times the median, of one jump: healthy logs have it in a tail, with others between"
    )
    worse: float = threshold(
        1.2, "times the first losses, of the same batch in each epoch: no hard one is so hard"
    )

    @cached_property
    def _far_off(self) -> FarOff:
        return thresholds(FarOff, self)

    @cached_property
    def _jumps(self) -> Jumps:
        return thresholds(Jumps, self)

    @cached_property
    def _patience(self) -> Patience:
        return thresholds(Patience, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the train loss alone that is judged."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Screen all samples at once, then follow the few candidates one by one."""
        calm = self._after_one(state, context, block) or self._after_few(state, context, block)
        if calm is not None:
            return calm, []
        samples = block.samples(context.train_loss)
        told = np.isfinite(samples.values)
        rows, values = samples.rows[told], samples.values[told]
        if not len(rows):
            return state, []
        events = list[Event]()
        if (state.metric, state.baseline_row) != (context.train_loss, context.baseline_row):
            left = state.spike or state.settled
            events += [left.cleared(int(rows[0]), "began anew")] if left else []
            state = Watch(context.train_loss, context.baseline_row)
        base = baselines(state.trail, values)
        if not state.spike and not (values > base.median).any():
            return state._replace(trail=base.trail), events
        spike, settled, far_ones = state.spike, state.settled, state.far_ones
        for event, follows, ones in self._walk(state, context, block, rows, values, base):
            settled = spike if event is None and follows is None else settled
            spike, far_ones = follows, ones
            events += [event] if event else []
        return Watch(state.metric, state.baseline_row, base.trail, spike, settled, far_ones), events

    def _after_one(self, state: Watch, context: Context, block: Block) -> Watch | None:
        """Return the state after one ordinary sample, as most are in a live log; else None."""
        name = context.train_loss
        value = block.alone(name)
        if value is None or not isfinite(value) or state.spike:
            return None
        if state.metric != name or state.baseline_row != context.baseline_row:
            return None
        trail = state.trail.with_one(value)
        if value > trail.median and not self._jumps.is_ordinary(trail, value):
            return None
        return Watch(name, state.baseline_row, trail, None, state.settled, state.far_ones)

    def _after_few(self, state: Watch, context: Context, block: Block) -> Watch | None:
        """Return the state after some ordinary samples, as a live log brings them; else None."""
        values = block.samples(context.train_loss).values
        if not 0 < len(values) <= _FEW or state.spike:
            return None
        if state.metric != context.train_loss or state.baseline_row != context.baseline_row:
            return None
        trail = self._jumps.after(state.trail, values.tolist())
        if trail is None:
            return None
        return state._replace(trail=trail)

    def _walk(
        self,
        state: Watch,
        context: Context,
        block: Block,
        rows: Rows,
        values: Floats,
        base: Baselines,
    ) -> Iterator[tuple[Event | None, Spike | None, FarOnes]]:
        """Yield each event with the spike that is open after it, and all far ones until then."""
        sigma, spike, at, seen = self._jumps.sigma(base), state.spike, 0, state.trail.seen
        far_ones = state.far_ones
        candidates = self._jumps.candidates(values, base, sigma, seen)
        while at < len(rows):
            if spike:
                event, at, spike = self._patience.follow(spike, seen, rows, values, at)
                yield event, spike, far_ones
                continue
            candidates = candidates[candidates >= at]
            if not len(candidates):
                return
            found = int(candidates[0])
            at = found + 1
            beyond = float(values[found]) >= self.alone * base.median[found] > 0
            if self._ordinary(context, block, int(rows[found]), base.before(found), far=beyond):
                continue
            median, mad = float(base.median[found]), float(base.mad[found])
            row = int(rows[found])
            soon = self._soon(context, block, row)
            spike = Spike(str(state.metric), row, seen + found, median, mad, soon=soon)
            value, before = float(values[found]), base.before(found)
            event = self._opened(context, block, spike, value, float(sigma[found]))
            known, far_ones = far_ones, self._with(far_ones, block, event, spike)
            if far_ones is not known and self._far_off.matter(far_ones, median, before):
                spike, event = replace(spike, matters=True), far_ones.told(event)
            elif beyond and self._is_alone(block, spike, value, before):
                spike, event = replace(spike, matters=True), alone(event)
            yield event, spike, far_ones

    def _soon(self, context: Context, block: Block, row: int) -> float:
        """Return in how many samples a spike must be over, where each stands for several steps."""
        rows = block.before(context.train_loss, self.fewest, row + 1).rows
        passed = float(block.steps[int(rows[-1])] - block.steps[int(rows[0])])
        apart = passed / max(1, len(rows) - 1)
        return max(self.soonest, self.soon / apart) if apart > 1 else inf

    def _is_alone(self, block: Block, spike: Spike, value: float, before: Floats) -> bool:
        first = finite(block.lane.samples(spike.metric).values[:_FIRST])
        return self._far_off.is_alone(value, spike.median, first, before)

    def _with(self, known: FarOnes, block: Block, event: Event, spike: Spike) -> FarOnes:
        """Return the far losses after a spike that opens; the same ones where it is not far off."""
        batch, epoch = event.evidence.get("batch", nan), float(block.epochs[spike.row])
        first = finite(block.lane.samples(spike.metric).values[:_FIRST])
        place = Place(spike.index, epoch, batch)
        return self._far_off.after(known, event.evidence["value"], spike.median, first, place)

    def _ordinary(
        self, context: Context, block: Block, row: int, window: Floats, *, far: bool
    ) -> bool:
        """Return whether something harmless explains a candidate; `window` is what was before.

        No step at the border of an epoch is so `far`.
        """
        if not far and at_border(block.epochs[max(0, row - AROUND) : row + 1], self.border):
            return True
        rates = block.before(context.learning_rate, 2 * WINDOW, row + 1).values
        if raised(rates, self.raised):
            return True
        return lag_1(window) > self.smooth - SHORT_BIAS / len(window)

    def _opened(
        self, context: Context, block: Block, spike: Spike, value: float, sigma: float
    ) -> Event:
        """Return the event that begins a spike, with the batch and the gradient at that place."""
        median, row = spike.median, spike.row
        evidence = {"value": value, "median": median, "mad": spike.mad}
        evidence |= {"deviations": (value - median) / sigma, **batch_at(context, block, row)}
        norms = block.before(context.grad_norm, WINDOW, row + 1)
        if len(norms) > self.fewest and norms.rows[-1] == row:
            usual = median_of(norms.values[:-1])
            evidence |= known({"grad_norm": float(norms.values[-1]), "grad_median": usual})
        title = f"{spike.metric} jumped from {median:.3g} to {value:.3g}"
        if "batch" in evidence:
            title += f" at batch {evidence['batch']:.0f} of {evidence['batches']:.0f}"
        return Event(EventKind.OPENED, row, row, Severity.INFO, title, spike.metric, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A loss with one spike that is over at once and one that stays."""
        noise = np.random.default_rng(0).normal(0, 0.05, 400)
        level = np.where(np.arange(400) >= 300, 3.0, 1.0)
        level[150:153] = 4.0
        return [
            {"step": step, "train/loss": float(level[step] + noise[step])} for step in range(400)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A loss whose batches are heavy-tailed, and that steps at an epoch border."""
        tail = np.random.default_rng(1).lognormal(0, 0.8, 400)
        return [
            {
                "step": step,
                "epoch": step / 200,
                "train/loss": float(tail[step] + (step == 200) * 30),
            }
            for step in range(400)
        ]


_FIRST = 8
"""Losses of a model that has learned nothing."""

_FEW = 128
"""Samples for which numbers are quicker than arrays."""
