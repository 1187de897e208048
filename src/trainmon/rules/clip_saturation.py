"""Gradient clipping cuts nearly every gradient to a fraction: large and small ones count the same.

Looks for
---------
A gradient norm that is far above the clipping threshold at nearly every step.

Why it matters
--------------
Clipping is there for the rare large gradient. Where it acts always, small and large gradients count
the same, and why they are so large stays unseen. With plain SGD each step has the length that the
clip allows, whatever the gradient says: the run trains at its learning rate x clip / norm. Adam and
its like undo the scale, so that their steps keep their size: evidence `scale_is_undone` tells it.

Fires when
----------
Over 200 steps the median norm is 5 times the clip or more, and single norms leave no doubt that
more than half are clipped (an e-CUSUM test with a mean time to a false alarm of at least 10,000
records). It is a warning, and info where the loss falls well all the same, the optimizer scales its
steps itself, as Adam does, and the norm is less than 1,000 times the clip. Where the logged norms
pile up at the clip, or at one value, they were measured after clipping: that is info, since nobody
can tell by how much they are cut.

Stays quiet
-----------
On norms of 1 to 3 with a clip of 1, which is ordinary; before the warm-up is over; without a clip
in the configuration, unless the norms pile up at one.

What to do
----------
Find out why gradients are that large: inputs that are not normalised, an initialisation or a
learning rate that is too large, a loss that is summed instead of averaged. Then put the clip near
the 90th percentile of the norms. Log the norm before clipping, which `clip_grad_norm_` returns.

Sources
-------
Godbole et al., Deep Learning Tuning Playbook (2023), on clipping near the 90th percentile. Shin,
Ramdas and Rinaldo, E-detectors (2022), for the test.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("clip-saturation")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.title
('warning', 'grad_norm is 95 times the clip of 1 and 100% of the steps are clipped')
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import ceil, isfinite, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import has_new, loss_began, loss_fallen
from trainmon.courses.lasting import Flags, steps_apart
from trainmon.digest import CELL, Digest
from trainmon.gradients.clip_told import ClipTold, Told
from trainmon.gradients.clipped import Clipping
from trainmon.learning.optimizers import undoes_scale
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


class Watch(NamedTuple):
    """The norm so far, and what is open."""

    metric: str | None = None
    baseline_row: int = 0
    width: int = 0
    """Cells of a window."""
    first: float = nan
    """The level of the first losses."""
    severity: Severity | None = None
    onset: int = 0
    tell_at: int = 0
    """The number of cells at which it is told anew."""


@dataclass(frozen=True)
class ClipSaturation(Rule[Watch]):
    """Gradients that are clipped to a fraction at nearly every step."""

    id = "clip-saturation"
    summary = "nearly every gradient is clipped to a fraction: large and small ones count the same"
    needs = (
        Need("grad_norm", (Role.GRAD_NORM,), "log.watch(model, optimizer)"),
        Need(
            "the threshold of clipping",
            (),
            'log = Writer("logs", config={"clip": 1.0})',
            settings=("clip",),
        ),
    )

    ratio: float = threshold(5.0, "times the clip: norms of 1 to 3 with a clip of 1 are ordinary")
    over: float = threshold(2.5, "times the clip: below it is over")
    steps: float = threshold(200.0, "steps of a window")
    fewest: int = threshold(4, "cells of 8 records of a window at least, where records are rare")
    null: float = threshold(0.5, "share of clipped steps that is nothing to speak of")
    alternative: float = threshold(0.9, "share of clipped steps that is looked for")
    alarm: float = threshold(1e4, "records to a false alarm of the test on average, at least")
    extreme: float = threshold(
        1_000.0, "times the clip: published detectors train well at 300, none at this"
    )
    learns: float = threshold(0.3, "of the first loss: such a run learns with the clip as it is")
    same: float = threshold(2e-3, "of a norm: clipped ones are this alike, as some add 1e-6 to it")
    retold: float = threshold(1.5, "times the records after which it is told anew")

    @cached_property
    def _clipping(self) -> Clipping:
        return thresholds(Clipping, self)

    @cached_property
    def _told(self) -> ClipTold:
        return thresholds(ClipTold, self)

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
        if not isfinite(state.first):
            state = state._replace(first=loss_began(context, block))
        digest = block.digest(context.grad_norm)
        if not has_new(digest, block):
            return state, []
        if state.metric != context.grad_norm or state.baseline_row != context.baseline_row:
            return self._over_cells(self._anew(state, context, block), context, block, digest)
        return self._over_cells(state, context, block, digest)

    def _anew(self, state: Watch, context: Context, block: Block) -> Watch:
        """Return the state at a new baseline; what is open stays so."""
        same = state.metric == context.grad_norm
        apart = steps_apart(block, block.digest(context.grad_norm))
        width = max(self.fewest, ceil(self.steps / (CELL * apart)) if isfinite(apart) else 25)
        return Watch(
            context.grad_norm,
            context.baseline_row,
            width,
            state.first,
            severity=state.severity if same else None,
            onset=state.onset,
        )

    def _over_cells(
        self, state: Watch, context: Context, block: Block, digest: Digest
    ) -> tuple[Watch, list[Event]]:
        """Follow the windows that end in the new cells."""
        begin = at = digest.since(block.start)
        if state.severity is None and self._clipping.are_calm(digest, begin, context.clip):
            return state, []
        clip, gate = context.clip, context.learning_row
        ends = self._clipping.windows(digest, begin, state.width, clip, gate)
        events = list[Event]()
        while at < len(digest):
            found = _next(ends.stand_out, at - begin) if state.severity is None else None
            if state.severity is not None:
                retold = state.tell_at - (digest.count - len(digest)) - begin
                found = _next(ends.calm | (np.arange(len(ends.calm)) >= retold), at - begin)
            if found is None:
                break
            at = begin + found + 1
            cell = at - 1
            if state.severity is not None and ends.calm[found]:
                events.append(_cleared(state, int(digest.rows[cell])))
                state = state._replace(severity=None)
            elif ends.stand_out[found]:
                over = bool(ends.over[found])
                state, event = self._looked(state, context, block, digest, cell, over=over)
                events += [event] if event else []
            else:
                state = state._replace(tell_at=state.tell_at + 1)
        return state, events

    def _looked(
        self, state: Watch, context: Context, block: Block, digest: Digest, cell: int, *, over: bool
    ) -> tuple[Watch, Event | None]:
        """Look at the norms of a window that is far `over` the clip, or else piled up."""
        row, name = int(digest.rows[cell]), str(state.metric)
        norms = block.before(name, min(CELL * state.width, LOOKBACK), row + 1)
        told = None
        if over:
            fallen = loss_fallen(context, block, state.first, row)
            undone = undoes_scale(context.settings)
            told = self._told.far_above(
                norms, context, block, row, name, fallen=fallen, scale_undone=undone
            )
        else:
            first = cell - state.width + 1
            highest = self._clipping.highest_of_piled(digest, first, cell)
            if highest is not None:
                onset = int(digest.first_rows[first])
                told = self._told.after_clipping(norms, onset, highest, name)
        return (state, None) if told is None else self._opened(state, digest, cell, told)

    def _opened(self, state: Watch, digest: Digest, cell: int, told: Told) -> tuple[Watch, Event]:
        """Return the event that opens a finding or tells it anew."""
        onset, severity, title, evidence = told
        kind = EventKind.OPENED
        if state.severity is not None:
            kind = EventKind.WORSENED if severity > state.severity else EventKind.REPEATED
            onset, severity = state.onset, max(severity, state.severity)
        event = Event(kind, int(digest.rows[cell]), onset, severity, title, state.metric, evidence)
        number = digest.count - len(digest) + cell
        tell_at = int(self.retold * number) + 1
        return state._replace(severity=severity, onset=onset, tell_at=tell_at), event

    @staticmethod
    def fires() -> list[Record]:
        """Norms around 100 with a clip of 1, and a loss that hardly moves."""
        rng = np.random.default_rng(0)
        norm, loss = rng.lognormal(np.log(100), 0.4, 500), 1.57 + rng.normal(0, 0.02, 500)
        header: Record = {"trainmon": 1, "config": {"clip": 1.0, "lr": 3e-4}}
        return [
            header,
            *(
                {
                    "step": at,
                    "train/loss": float(loss[at]),
                    "grad_norm": float(norm[at]),
                    "lr": 3e-4,
                }
                for at in range(500)
            ),
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Norms of 1 to 3 with a clip of 1."""
        norm = np.random.default_rng(1).lognormal(np.log(2), 0.4, 500)
        header: Record = {"trainmon": 1, "config": {"clip": 1.0}}
        return [header, *({"step": at, "grad_norm": float(norm[at])} for at in range(500))]


def _next(flags: Flags, begin: int) -> int | None:
    """Return the place of the first flag that is set, from one on."""
    found = np.flatnonzero(flags[begin:])
    return begin + int(found[0]) if len(found) else None


def _cleared(state: Watch, row: int) -> Event:
    title = f"{state.metric} is within reach of the clip again"
    severity = state.severity or Severity.INFO
    return Event(EventKind.CLEARED, row, state.onset, severity, title, state.metric)
