"""Finds out what became NaN or infinite first, and tells it once."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from trainmon.record import EventKind, spell
from trainmon.writer.journal import Journal
from trainmon.writer.scalar import Scalar
from trainmon.writer.seen import KEPT
from trainmon.writer.watching.batch import Batch
from trainmon.writer.watching.overflows import Overflows
from trainmon.writer.watching.sighting import Pass, Sighting

LOSSES = (
    *("train/loss", "loss", "train_loss", "training_loss"),
    *("loss/train", "total_loss", "train/total_loss"),
)
"""Metrics listened to: what scripts call the loss that they train on."""

EVENTS_LIMIT = 10
"""Events of a run: the first ones tell of a cause, later ones of its consequences."""

CALM = 100
"""Backward passes with finite gradients after which trouble counts as over, and is told anew."""

_SAVING = "saving a bad batch"

_NON_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})


class Forensics:
    """Puts together what arrives: norms of gradients, losses, flags of activations.

    Values of a GPU arrive late and perhaps from a background thread, but in the order of the log:
    the norms of a step, then its loss. So gradients wait for the loss of their step, which tells
    whether they were the first. After an event it is quiet until all was finite for `CALM` passes.

    An event says ``where`` values became so (a loss of `LOSSES`, a gradient, an activation, a
    weight, or "buffer", such as a running mean); module and parameter as far as they can be told;
    how many parameters are affected; the batch (index, epoch, fingerprint and sample ids with
    ``log.batches``, else the number of backward passes before it) and, while it is at hand, shape,
    min, max, mean and NaN of its tensors. The next 3 forward passes in training are searched for
    weights that are not finite or the module in which values become so: a second event. On a CPU
    the weights are looked at before their update as well, so that a ruined one is told before it
    ruins all: ``onset_step`` is the event's own step then. Where an exception leaves the ``with``
    block first, weights and batch are looked at then. Overflows that a scaler answers by skipping a
    step are no event, up to 10 in a row.
    """

    def __init__(self, journal: Journal, *, save: bool) -> None:
        """Write to `journal`; `save` puts bad batches into the run's folder."""
        self._journal = journal
        self._save = save
        self._lock = threading.RLock()
        self._overflows = Overflows()
        self._latest: Sighting | None = None
        self._pending: Sighting | None = None
        self._kept: deque[Batch] = deque(maxlen=KEPT if save else 0)
        self._onset: float | None = None
        self._calm = 0
        self._events = 0
        self._search_wanted = False
        self._ruined: Mapping[str, object] | None = None

    def keep(self, batch: Batch) -> Batch:
        """Return `batch` without its content, which is kept for a while if bad ones are saved."""
        self._kept.append(batch)
        return Batch(batch.number, batch.step, batch.seen)

    def arrived(self, after: Pass, values: Sequence[float]) -> None:
        """Take the norms of the gradients of a pass, or its loss scale and then those."""
        with self._lock:
            scale, norms = (values[0], values[1:]) if after.scaled else (None, values)
            sighting = Sighting.of(after, norms)
            if sighting is None:
                self.all_finite()
                return
            self.flush()
            self._latest = sighting
            if not self._overflows.is_routine(scale):
                self._calm = 0
                self._pending = sighting

    def all_finite(self) -> None:
        """Take note of a pass whose gradients were finite."""
        with self._lock:
            self.flush()
            self._latest = None
            self._overflows.end()
            self._calm += 1
            if self._calm >= CALM:
                self._onset = None

    def heard(self, metrics: Mapping[str, Scalar], step: float | None) -> None:
        """Take the losses of a line."""
        with self._lock:
            bad = next((name for name in LOSSES if metrics.get(name) in _NON_FINITE), None)
            if bad is None:
                self.flush()
                return
            self._calm = 0
            self._pending = None
            fields: dict[str, object] = {"metric": bad, "value": metrics[bad]}
            if self._latest is None:
                self._begin("loss", None, step, fields)
            else:
                fields |= self._latest.counts()
                self._begin("loss", self._latest.after.batch, step, fields)

    def activation(self, batch: Batch, fields: Mapping[str, object]) -> None:
        """Take what tells of the modules that put out NaN."""
        with self._lock:
            self._calm = 0
            self._begin("activation", batch, batch.step, fields)

    def crashed(self, where: str, batch: Batch, fields: Mapping[str, object]) -> None:
        """Take what was found after an exception, unless the trouble is known."""
        with self._lock:
            self.flush()
            self._begin(where, batch, batch.step, fields)

    @property
    def in_trouble(self) -> bool:
        """Whether there was an event, and no calm since."""
        return self._onset is not None

    def found(self, step: float, fields: Mapping[str, object]) -> None:
        """Take what a closer look after an event has brought."""
        with self._lock:
            if fields != self._ruined:  # which was told with the event itself
                onset = None if self._onset is None else _whole(self._onset)
                self._tell(step, {**fields, "onset_step": onset})

    def flush(self, *, if_at_hand: bool = False) -> None:
        """Tell of gradients that were not finite though the loss of their step was, or untold.

        `if_at_hand` leaves those alone that a GPU sent: the loss may be right behind them.
        """
        with self._lock:
            sighting = self._pending
            if sighting is not None and (sighting.after.at_hand or not if_at_hand):
                self._pending = None
                fields = {**sighting.origin(), "value": spell(sighting.value), **sighting.counts()}
                batch = sighting.after.batch
                self._begin("gradient", batch, batch.step, fields)

    def close(self) -> None:
        """Tell what waits, and nothing that comes later."""
        with self._lock:
            self.flush()
            self._events = EVENTS_LIMIT
            self._latest = None
            self._kept.clear()

    def take_search(self) -> bool:
        """Return whether the next forward passes are to be searched; true once per trouble."""
        wanted, self._search_wanted = self._search_wanted, False
        return wanted

    def _begin(
        self, where: str, batch: Batch | None, step: float | None, fields: Mapping[str, object]
    ) -> None:
        """Tell what was seen first, unless it belongs to trouble that was told before."""
        if self._onset is not None:
            return
        self._onset = step if step is not None else self._journal.step or 0.0
        told: dict[str, object] = {"where": where, **fields}
        if batch is not None:
            batch = next((kept for kept in self._kept if kept.number == batch.number), batch)
            told |= batch.fields()
            if self._save and batch.content is not None and self._events < EVENTS_LIMIT:
                told["saved"] = self._saved(batch.content, self._onset)
        self._tell(self._onset, told)
        self._ruined = None if self._latest is None else self._latest.after.ruined
        # Of ruined weights no more is to be found: all that comes after them is ruined too.
        self._search_wanted = self._ruined is None or self._ruined["where"] != "parameter"
        if self._ruined is not None:
            self._tell(self._onset, {**self._ruined, "onset_step": _whole(self._onset)})

    def _tell(self, step: float, fields: Mapping[str, Any]) -> None:
        if self._events < EVENTS_LIMIT:
            self._events += 1
            self._journal.event(EventKind.NONFINITE, step=_whole(step), **fields)

    def _saved(self, content: object, step: float) -> str | None:
        """Save a batch into the run's folder; return its file's name, or None if that failed."""
        rank = f"rank{self._journal.rank}-" if self._journal.rank else ""
        name = f"bad-batch-{rank}step{step:.0f}.pt"
        try:
            torch.save(content, f"{self._journal.folder}/{name}")
        except Exception as error:  # noqa: BLE001 - a full disk, or a batch that cannot be pickled
            self._journal.tell(_SAVING, f"the bad batch is not saved: {error!r}")
            return None
        return name


def _whole(step: float) -> float:
    """Return a step as scripts write it: mostly a whole number."""
    return int(step) if float(step).is_integer() else step
