"""The batches come in the same order in every epoch.

Looks for
---------
A training loss that repeats one shape within an epoch, epoch after epoch.

Why it matters
--------------
Batches in the order in which the data are stored are no independent draws: of data that are sorted
by class, source or time the model learns what came last and forgets the rest. An order that is
random but always the same does less harm; it still costs some of the result.

Fires when
----------
At the end of epochs 3, 4, 6, 8, 12 and so on (an order does not change), the losses of the last 3
to 5 epochs, or their changes, are compared position by position, after a cubic and an exponential
have been taken out of each. Their mean correlation is at least 0.5, and 6 standard deviations above
that of shuffled epochs. It is a warning where neighbouring batches are alike in the common shape,
as in sorted data and not as in an average, and info where the order looks random. It is a warning
as well where the loss rises within each epoch since the first of the run, by a fifth at least, and
begins low again at the next: what a model has not seen yet costs it less and less, unless the
batches get harder.

Stays quiet
-----------
On epochs of fewer than 16 records. On the fall of the loss within an epoch and its steps at the
borders, however regular: stairs of memorised data, restarts of a schedule and what begins anew in
the first eighth of an epoch say nothing of an order. On epochs within which the learning rate
changes much.

What to do
----------
Set ``shuffle=True``; in distributed training call ``sampler.set_epoch(epoch)``; shuffle the files
of an iterable dataset and draw from a buffer of some thousand samples.

Sources
-------
Bottou, Curiously Fast Convergence of some Stochastic Gradient Descent Algorithms (2009), on the
order of examples. PyTorch documentation, torch.utils.data.distributed.DistributedSampler.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("unshuffled-data")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["epochs"]
('warning', 3)
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.seldom import at_growing_gaps
from trainmon.epochs.borders import EpochBorders
from trainmon.epochs.ramp import are_ramps
from trainmon.epochs.shape import FEWEST, EpochShape, epoch_shape
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_MOST = 65_536
"""Records of some epochs that are looked at; more would take longer than a redraw."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Where epochs begin, and what was found."""

    metric: str | None = None
    baseline_row: int = 0
    epochs: EpochBorders = field(default_factory=EpochBorders)
    severity: Severity | None = None
    onset: int = 0


@dataclass(frozen=True)
class UnshuffledData(Rule[Watch]):
    """One order of batches in all epochs."""

    id = "unshuffled-data"
    summary = "the loss repeats one shape in every epoch: the batches come in the same order"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)

    fewest: int = threshold(3, "epochs that are compared")
    most: int = threshold(5, "epochs that are compared; earlier ones the model has left behind")
    similarity: float = threshold(0.5, "mean correlation: the shape is as large as its noise")
    deviations: float = threshold(6.0, "of the correlation of shuffled epochs: they reach 5")
    order: float = threshold(0.33, "correlation of neighbours: random orders reach 0.3")
    told_order: float = threshold(0.2, "the same where the configuration says shuffle: false")
    beyond: float = threshold(0.1, "by how much neighbours are more alike there than in the rest")
    far: float = threshold(2.0, "times the rest: a shape so large is no matter of the rest")
    over: float = threshold(0.3, "mean correlation below which the finding is over")
    rates: float = threshold(1.5, "times that the learning rate may change within an epoch")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: epochs are looked at when they are over."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Find the epochs that are over, and compare some of them."""
        name, baseline = context.train_loss, context.baseline_row
        if (state.metric, state.baseline_row) != (name, baseline):
            epochs = EpochBorders(baseline, baseline)
            state = Watch(name, baseline, epochs, state.severity, state.onset)
        cells = block.digest(name)
        if not len(cells) or state.epochs.goes_on(cells, block):
            return state, []
        events = list[Event]()
        epochs, borders = state.epochs.followed(cells, block, self.most + 1)
        state = replace(state, epochs=epochs)
        # With n + 1 epochs that have begun n are over.
        over, first = epochs.begun - 1, epochs.begun - len(borders)
        for count in at_growing_gaps(max(0, over - borders.new), over):
            numbers = range(max(0, count - first - self.most), count - first + 1)
            begins = [epochs.first_row(borders[n], name, block) for n in numbers]
            row = borders[count - first].row
            state, event = self._judge(state, begins, row, context, block)
            events += [event] if event else []
        return state, events

    def _judge(
        self, state: Watch, borders: Sequence[int], row: int, context: Context, block: Block
    ) -> tuple[Watch, Event | None]:
        """Compare the epochs between some rows at which they begin."""
        every = block.lane.samples(state.metric)
        epochs = [every.values[a:b] for a, b in pairwise(every.positions(*borders))]
        lengths = [len(losses) for losses in epochs]
        if len(epochs) < self.fewest or min(lengths) < FEWEST or sum(lengths) > _MOST:
            return state, None
        shape, ramps = epoch_shape(epochs), are_ramps(epochs)
        begun = every.positions(state.baseline_row)[0] == every.positions(borders[0])[0]
        if ramps and begun and state.severity is None:
            return self._tell_ramps(state, borders, row)
        if shape is None:
            return state, None
        if shape.similarity < self.over and state.severity is not None and not ramps:
            title = f"{state.metric} no longer repeats a shape in every epoch"
            event = Event(EventKind.CLEARED, row, state.onset, state.severity, title, state.metric)
            return replace(state, severity=None), event
        found = shape.similarity >= self.similarity and shape.deviations >= self.deviations
        if not found or self._rate_changes(borders, context, block):
            return state, None
        return self._tell(state, shape, borders, row, context)

    def _tell_ramps(
        self, state: Watch, borders: Sequence[int], row: int
    ) -> tuple[Watch, Event | None]:
        """Return what is told of a loss that has risen within each epoch since the run began."""
        many, severity = len(borders) - 1, Severity.WARNING
        evidence: dict[str, Any] = {"epochs": many, "rises": True}
        title = f"{state.metric} rises within each of the {many} epochs since the run began, and "
        title += "begins low again: the batches are sorted"
        event = Event(EventKind.OPENED, row, borders[0], severity, title, state.metric, evidence)
        return replace(state, severity=severity, onset=borders[0]), event

    def _tell(
        self, state: Watch, shape: EpochShape, borders: Sequence[int], row: int, context: Context
    ) -> tuple[Watch, Event | None]:
        """Return what is told of a shape that comes again."""
        told = context.settings.get("shuffle") is False
        ordered = shape.order >= self.told_order if told else self._is_ordered(shape)
        severity = Severity.WARNING if ordered else Severity.INFO
        kind, onset = EventKind.OPENED, borders[0]
        if state.severity is not None:
            if severity <= state.severity:
                return state, None
            kind, onset = EventKind.WORSENED, state.onset
        evidence: dict[str, Any] = {
            "similarity": shape.similarity,
            "deviations": shape.deviations,
            "amplitude": shape.amplitude,
            "noise": shape.noise,
            "order": shape.order,
            "epochs": len(borders) - 1,
        }
        if "shuffle" in context.settings:
            evidence["shuffle"] = context.settings["shuffle"]
        how = "neighbours alike, as in sorted data" if ordered else "in a random order"
        title = (
            f"{state.metric} repeats one shape in {len(borders) - 1} epochs, {how}: "
            f"they correlate by {shape.similarity:.2g}"
        )
        event = Event(kind, row, onset, severity, title, state.metric, evidence)
        return replace(state, severity=severity, onset=onset), event

    def _is_ordered(self, shape: EpochShape) -> bool:
        """Return whether neighbours are alike by the order of the data, and by no averaging."""
        beyond = shape.order >= shape.noise_order + self.beyond
        return shape.order >= self.order and (beyond or shape.amplitude >= self.far * shape.noise)

    def _rate_changes(self, borders: Sequence[int], context: Context, block: Block) -> bool:
        """Return whether the learning rate changes much within each of the epochs."""
        every = block.lane.samples(context.learning_rate)
        changes = []
        for first, last in pairwise(every.positions(*borders)):
            rates = every.values[first:last]
            rates = rates[np.isfinite(rates) & (rates > 0)]
            changes.append(float(rates.max() / rates.min()) if len(rates) else 1.0)
        return min(changes) > self.rates

    @staticmethod
    def fires() -> list[Record]:
        """Epochs of 40 batches, sorted by five classes: each is learned anew where it begins."""
        class_begins = 0.5 ** (np.arange(40) % 8)
        return _example([class_begins] * 6)

    @staticmethod
    def quiet() -> list[Record]:
        """The same losses in another order in each epoch, and a step at each border."""
        rng = np.random.default_rng(1)
        return _example([rng.permutation(0.5 ** (np.arange(40) % 8)) for _ in range(6)])


def _example(shapes: list[NDArray[np.floating[Any]]]) -> list[Record]:
    rng = np.random.default_rng(0)
    return [
        {
            "step": 40 * epoch + index + 1,
            "epoch": epoch + index / 40,
            "train/loss": float(0.8**epoch + level + rng.normal(0, 0.05)),
        }
        for epoch, shape in enumerate(shapes)
        for index, level in enumerate(shape.tolist())
    ]
