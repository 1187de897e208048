"""The same samples come several times in an epoch.

Looks for
---------
Epochs that have several times the expected batches, samples that come again within an epoch, and
losses that stand on one batch for several steps: each worker of the loader yields the whole set.

Why it matters
--------------
An epoch is several epochs: the model overfits that many times sooner, the schedule ends late, and
the batches of a step are no independent draws. It is the usual mistake with iterable datasets,
which are copied to every worker.

Fires when
----------
Any of these tells it. The batches of a pass are a whole number of times the expected ones (the
writer counts both), or the steps of an epoch are as many times those of the configured training set
as there are workers. Fewer than 60 % of the samples of an epoch differ. Or the change of the loss
from step to step is large at one phase of a period of up to 32 steps, and small at all the others:
the rank sum of that phase among 256 to 1,024 changes lies 5.5 standard deviations above what
shuffled batches have. Steps of another whole number of training sets are info.

Stays quiet
-----------
Where repetition is meant: drawing with replacement, oversampling, repeated datasets. Where the
accumulated batches or the ranks explain the ratio as well, it is info and says so. On losses whose
order comes again in every epoch, on tasks that alternate, on running means and on values that are
logged several times, which all look like periods.

What to do
----------
In an iterable dataset keep each n-th sample alone, with n = ranks x workers, beginning at
rank x workers + worker (``torch.utils.data.get_worker_info``). Then see that the first 100 batches
hold each sample once.

Sources
-------
PyTorch documentation, torch.utils.data, "Iterable-style datasets": with several workers each of
them has a copy of the dataset.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("data-duplication")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["times"], event.evidence["workers"]
('warning', 4.0, 4.0)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.epochs.repeated_samples import (
    BATCHES,
    DISTINCT,
    EXPECTED,
    ORDER,
    Sign,
    of_counts,
    of_epoch,
    of_losses,
    of_share,
)
from trainmon.epochs.size import EpochSize, epoch_size
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_MEANT = frozenset(
    {
        "data_echo",
        "echo_factor",
        "n_repeats",
        "num_generations",
        "oversample",
        "repeat",
        "repeat_factor",
        "repeated_aug",
        "repeated_augmentation",
        "repeats",
        "replacement",
        "times",
    }
)
"""Settings that repeat samples on purpose, where they are on or above 1."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the signals have told."""

    found: Mapping[str, Sign] = field(default_factory=lambda: MappingProxyType({}))
    """The signals that tell it now."""
    size: EpochSize | None = None
    """The epoch that was judged last."""
    asked: tuple[object, ...] = ()
    """What was known of epochs when they were judged last; compared by identity."""
    low: int = 0
    """Times in a row that few samples differed."""
    severity: Severity | None = None
    """The severity of the finding, while it is open."""
    onset: int = 0


@dataclass(frozen=True)
class DataDuplication(Rule[Watch]):
    """Samples that come several times in an epoch."""

    id = "data-duplication"
    summary = "samples come several times in an epoch, as when each worker yields the whole set"
    needs = (
        Need(
            "data/distinct_fraction",
            (Role.TRAIN_LOSS,),
            "for batch in log.batches(loader)",
        ),
    )

    distinct: float = threshold(
        0.6, "of the samples differ: drawing as many with replacement leaves 63 %"
    )
    most: float = threshold(0.9, "of the samples differ: some repetition is in the data themselves")
    deviations: float = threshold(5.5, "of the rank sum of one phase: one in 100,000 by chance")

    def watched(self, context: Context) -> Collection[str]:
        """Return what the loader tells, and evaluations, at which epochs are measured."""
        told = {BATCHES, DISTINCT}.intersection(context.names(Role.COUNTER))
        return [*sorted(told), *context.names(Role.VAL_LOSS, Role.VAL_METRIC)]

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Collect what the signals tell, then go through it in order."""
        signs = list(of_losses(context, block, self.deviations))
        signs += of_counts(context, block)
        shares = block.samples(DISTINCT)
        for row, share in zip(shares.rows.tolist(), shares.values.tolist(), strict=True):
            low = state.low + 1 if 0 < share < self.distinct else 0
            state = replace(state, low=low)
            if low or share >= self.most:
                signs.append(of_share(row, share, low, context, block))
        row = self._measured(state, context, block)
        if row is not None:
            size = epoch_size(context, block, row)
            new = size is not None and size != state.size
            signs += of_epoch(row, size, context, block) if size is not None and new else ()
            state = replace(state, size=size or state.size, asked=_known(context))
        events = list[Event]()
        if not signs:
            return state, events
        if not _is_meant(context):
            for sign in sorted(signs, key=lambda sign: (sign.row, sign.signal)):
                state, event = _told(state, sign)
                events += [event] if event else []
        return state, events

    def _measured(self, state: Watch, context: Context, block: Block) -> int | None:
        """Return the first row that concerns the rule, if epochs can be measured anew by then."""
        if context.observed.steps_per_epoch is None or not context.positive("train_samples"):
            return None
        known = zip(state.asked, _known(context), strict=False)
        if state.asked and all(old is new for old, new in known):
            return None
        firsts = (block.samples(name).rows[:1] for name in self.watched(context))
        cells = block.digest(context.train_loss)
        rows = np.concatenate((*firsts, cells.rows[cells.since(block.start) :][:1]))
        return int(rows.min()) if len(rows) else None

    @staticmethod
    def fires() -> list[Record]:
        """Four workers, each of which yields the 16 batches of the set."""
        config = {"num_workers": 4, "train_samples": 512, "batch_size": 32}
        rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
        for step in range(1, 193):
            record: Record = {"step": step, "epoch": step / 64, "train/loss": 0.98**step}
            if step % 64 == 0:
                record |= {BATCHES: 64, EXPECTED: 16, DISTINCT: 0.25}
            rows.append(record)
        return rows

    @staticmethod
    def quiet() -> list[Record]:
        """One batch more for each worker, since the last ones are not full."""
        config = {"num_workers": 4, "train_samples": 512, "batch_size": 32}
        rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
        for step in range(1, 193):
            record: Record = {"step": step, "epoch": step / 19, "train/loss": 0.98**step}
            if step % 19 == 0:
                record |= {BATCHES: 19, EXPECTED: 16, DISTINCT: 1.0}
            rows.append(record)
        return rows


def _known(context: Context) -> tuple[object, ...]:
    """Return what the length of an epoch is judged by."""
    return context.observed.steps_per_epoch, context.settings, context.header


def _told(state: Watch, sign: Sign) -> tuple[Watch, Event | None]:
    """Return the state after a sign, and what is told of it."""
    found = dict(state.found)
    if sign.severity is None:
        if found.pop(sign.signal, None) is None:
            return state, None
        state = replace(state, found=MappingProxyType(found))
        if found or state.severity is None:
            return state, None
        title = "the samples of an epoch differ again"
        event = Event(EventKind.CLEARED, sign.row, state.onset, state.severity, title)
        return replace(state, severity=None), event
    new = sign.signal not in found
    found[sign.signal] = sign
    state = replace(state, found=MappingProxyType(found))
    kind, onset, before = EventKind.REPEATED, state.onset, state.severity
    severity = max(sign.severity, before or Severity.INFO)
    if before is None:
        kind, onset = EventKind.OPENED, sign.onset
    elif severity > before:
        kind = EventKind.WORSENED
    elif not new:
        return state, None
    signs = [found[name] for name in ORDER if name in found]
    evidence: dict[str, Any] = {"signals": [each.signal for each in signs]}
    for each in reversed(signs):
        evidence |= each.evidence
    event = Event(kind, sign.row, onset, severity, signs[0].title, None, evidence)
    return replace(state, severity=severity, onset=onset), event


def _is_meant(context: Context) -> bool:
    """Return whether a setting repeats samples on purpose."""
    for name, value in context.settings.items():
        key = name.rpartition("/")[2].lower()
        if key in _MEANT and (value is True or (not isinstance(value, str) and (value or 0) > 1)):
            return True
    return "weighted" in str(context.settings.get("sampler", "")).lower()
