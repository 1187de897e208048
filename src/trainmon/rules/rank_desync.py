"""Ranks that must agree differ, or one of them is not there any more.

Looks for
---------
Numbers that all ranks told alike and do not any more, and ranks that stop telling steps.

Why it matters
--------------
Replicas whose weights have come apart train models of which one is kept; the average of their
gradients fits none of them. A rank that is gone hangs the others at their next exchange.

Fires when
----------
A loss, a gradient norm or a checksum was told alike by all ranks (to 1e-6) in 20 steps in a row, of
which it changed in most, or to the last of four and more digits in 8 of which it changed in each,
and differs in 3 in a row: warning, error from 20 on. A checksum of the
weights must be exact, and 3 steps make it known: it is an error at once. Or a rank has told no step
for 20 steps of the others (and 10 times its usual distance), or nothing at all though the header
counts it: warning. Or it ended without a word, and all that the others tell of their end is that
their exchange failed: error, or a warning where it may have been one of a few. It names the ranks.

Stays quiet
-----------
On numbers that never were alike: each rank tells the loss of its own batches. On ranks that tell
some steps only. On a run that merely ends, for all ranks at about the same step. Where half of the
ranks or more tell nothing: the first one alone logs, or that of each host. On hosts whose clocks
differ: how long a rank is silent is told by the steps that it and the others told together. While
it is watched, a rank is waited for two minutes.

What to do
----------
Restart from the last checkpoint that was saved before it. Look for parameters outside of the
wrapped model, for random numbers that decide what is computed, for a rank that skipped a step
(overflow, an exception that was caught), and at the memory errors of its card
(`nvidia-smi -q -d ECC`).

Sources
-------
PyTorch, DistributedDataParallel: replicas are equal only as all of them apply the same gradients.
Dixit et al., Silent Data Corruptions at Scale (2021): some processors of a fleet compute wrongly.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("rank-desync")
>>> [(d.event.rank, d.event.severity.word) for d in replay(rule, rule.fires())]
[(1, 'warning'), (1, 'error')]
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import windows
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.ranks.agreement import NOTHING_SEEN, Agreement, Parting, Terms, parted
from trainmon.ranks.leaving import absent_so_far, back, deserted, gone_quiet
from trainmon.ranks.presence import ENDED, absent_in, deserters, metrics_of_ranks
from trainmon.ranks.side_by_side import (
    RANKS,
    Names,
    in_words,
    place_of,
    side_by_side,
    table,
)
from trainmon.roles import Role, role_of
from trainmon.rule import Block, Event, EventKind, Need, Rule, known
from trainmon.store.batch import Floats, Record, Rows, Samples
from trainmon.threshold import threshold

_ROLES = (Role.TRAIN_LOSS, Role.LOSS, Role.GRAD_NORM)

_SUMS = ("checksum", "hash", "param_sum")
"""Parts of the names of what is equal to the last digit wherever the weights are."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """How the ranks have been together."""

    baseline_row: int = 0
    agreements: Mapping[str, Agreement] = field(default_factory=lambda: MappingProxyType({}))
    """By the metric as each rank calls it."""
    gone: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """The ranks that are not there any more, and the row that each told last."""


@dataclass(frozen=True)
class RankDesync(Rule[Ranks]):
    """Ranks that differ where they agreed, and ranks that are gone."""

    id = "rank-desync"
    summary = "ranks that must agree differ, or one of them is not there any more"
    needs = (
        Need(
            "the train loss or a checksum of several ranks",
            _ROLES,
            'log.log({"param_checksum": sum(p.double().sum().item() for p in model.parameters())})',
        ),
    )
    across_ranks = True
    hears = frozenset({ENDED})

    alike: float = threshold(1e-6, "of the value: what sums in another order differ by")
    known: int = threshold(20, "steps on which ranks agree, before it is said that they must")
    known_exact: int = threshold(8, "steps, where it is to the last of four digits and more")
    known_sums: int = threshold(3, "steps, of checksums")
    few: int = threshold(3, "steps in a row on which they differ; of checksums one is enough")
    many: int = threshold(20, "steps in a row: they do not come together again")
    gone: int = threshold(20, "steps of the others without one of a rank")
    times_apart: float = threshold(10.0, "times the steps from one that a rank tells to the next")

    def watched(self, context: Context) -> Collection[str]:
        """Return what stands in each row, if there are several ranks."""
        return (RANKS,) if side_by_side(context) else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the same: cells of it tell whether a rank is gone."""
        return self.watched(context)

    def missing(self, context: Context) -> list[Need]:
        """Return the need unless several ranks tell something that is compared."""
        return [] if _compared(context) else list(self.needs)

    def begin(self) -> Ranks:
        """Return the state before the first row."""
        return Ranks()

    def step(self, state: Ranks, context: Context, block: Block) -> tuple[Ranks, list[Event]]:
        """Compare the ranks in the steps of the block."""
        begun_anew = list[Event]()
        if state.baseline_row != context.baseline_row:
            row = context.baseline_row
            begun_anew = [back(context, rank, last, row) for rank, last in state.gone.items()]
            state = Ranks(row)
        rows = block.samples(RANKS).rows
        agreements, events, gone = dict(state.agreements), list[Event](), dict(state.gone)
        for metric, names in _compared(context).items():
            terms, numbers = self._terms(metric), table(block, names, rows)
            before = agreements.get(metric, NOTHING_SEEN)
            agreements[metric], partings = terms.followed(before, rows, numbers)
            for parting in partings:
                here = numbers[:, parting.place]
                off = [list(names)[at] for at in parted(here, terms.tolerance).tolist()]
                events.append(_parting(context, metric, parting, here, off))
        for cell in windows(block.digest(RANKS), block.start).first.tolist():
            events += self._missed(gone, context, block, cell)
        for row, rank, end in deserters(block):
            if rank not in gone:
                gone[rank] = block.baseline_row
                events.append(deserted(context, block, row, rank, end))
        events.sort(key=lambda event: event.row)
        return Ranks(
            context.baseline_row, MappingProxyType(agreements), MappingProxyType(gone)
        ), begun_anew + events

    def _terms(self, metric: str) -> Terms:
        if _is_sum(metric):
            return Terms(0.0, self.known_sums, 1, 1, self.known_sums)
        return Terms(self.alike, self.known, self.few, self.many, self.known_exact)

    def _missed(
        self, gone: dict[int, int], context: Context, block: Block, cell: int
    ) -> list[Event]:
        """Note in `gone` which ranks have told nothing for long at a cell, and tell of it."""
        digest = block.digest(RANKS)
        ranks = metrics_of_ranks(context)
        missing = absent_in(context, ranks)
        if digest.low[cell] == len(ranks) and not gone and not missing:
            return []
        row, events = int(digest.rows[cell]), list[Event]()
        rows = block.lane.samples(RANKS)
        if _steps(block, int(digest.first_rows[0]), row) >= self.gone - 1:
            for rank in missing:
                if rank not in gone:
                    gone[rank] = block.baseline_row
                    events.append(absent_so_far(context, block, rank, row))
        for rank, names in ranks.items():
            told = max((block.before(name, _RECENT, row + 1).rows for name in names), key=_last)
            missed = _count(rows, _last(told), row)
            apart = median_of(np.diff(told)) if len(told) > 1 else _UNKNOWN
            is_gone = missed >= self.times_apart * float(apart) and len(told) > 0
            is_gone = is_gone and _steps(block, _last(told), row) >= self.gone
            if is_gone and rank not in gone:
                gone[rank] = _last(told)
                events.append(gone_quiet(context, block, rank, _last(told), row))
            elif rank in gone and not is_gone and _last(told) > gone[rank]:
                events.append(back(context, rank, gone.pop(rank), row))
        return events

    @staticmethod
    def fires() -> list[Record]:
        """Four ranks that tell one loss, until one of them goes its own way."""
        loss = np.random.default_rng(0).lognormal(0, 0.1, 120)
        losses = np.repeat(loss[:, None], 4, axis=1)
        losses[80:, 1] *= 1.01
        return _log(losses)

    @staticmethod
    def quiet() -> list[Record]:
        """Four ranks of which each tells the loss of its own batch."""
        return _log(np.random.default_rng(1).lognormal(0, 0.1, (120, 4)))


_RECENT = 16
"""Steps of a rank whose distance is its usual one."""


_UNKNOWN = 100.0
"""Steps from one that a rank tells to the next, while it told but one."""


def _log(losses: Floats) -> list[Record]:
    return [
        {"step": step, RANKS: len(row), **{f"train/loss/rank{r}": v for r, v in enumerate(row)}}
        for step, row in enumerate(losses.tolist())
    ]


def _is_sum(metric: str) -> bool:
    return any(part in metric.lower() for part in _SUMS)


def _compared(context: Context) -> dict[str, Names]:
    """Return the metrics on which ranks may have to agree."""
    every = side_by_side(context)
    return {m: by for m, by in every.items() if _is_sum(m) or role_of(m).role in _ROLES}


def _last(rows: Rows) -> int:
    return int(rows[-1]) if len(rows) else -1


def _steps(block: Block, first: int, last: int) -> float:
    """Return how many steps lie between two rows; the rows where no steps are told."""
    steps = float(block.steps[last] - block.steps[first])
    return steps if isfinite(steps) else float(last - first)


def _count(samples: Samples, after: int, upto: int) -> int:
    """Return how many samples stand behind one row and not behind another."""
    first, last = samples.positions(after + 1, upto + 1)
    return last - first


def _parting(
    context: Context, metric: str, parting: Parting, numbers: Floats, off: list[int]
) -> Event:
    """Return that ranks agree no more, or again; `off` are those that tell another number."""
    told = finite(numbers)
    evidence: dict[str, Any] = {
        "off": off[:_NAMED],
        "ranks": len(told),
        "low": float(told.min()),
        "high": float(told.max()),
    }
    rank = off[0] if len(off) == 1 else None
    place = place_of(context, rank) if rank is not None else {}
    who = in_words(rank, place) if rank is not None else f"{len(off)} of {len(told)} ranks"
    title = f"{metric} of {who} differs: {told.min():.6g} to {told.max():.6g}"
    if parting.kind == EventKind.CLEARED:
        title = f"all ranks tell the same {metric} again"
    return Event(
        parting.kind,
        parting.row,
        parting.onset,
        parting.severity,
        title,
        metric,
        known(evidence | place),
        rank,
    )


_NAMED = 16
"""Ranks that are named one by one."""
