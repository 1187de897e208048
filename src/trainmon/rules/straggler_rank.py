"""One rank is slower than the others, and all wait for it.

Looks for
---------
The time that each rank needs for its own part of a step, side by side.

Why it matters
--------------
Ranks that exchange gradients go on together: the slowest sets the pace of all, and a single bad
card, cable or disk costs as much as if all were like it.

Fires when
----------
The median of a rank over 50 steps is longer than that of the best one by a third (less than 75 % of
its speed), and than that of the middle one by a sixth and three standard errors, in three reports
in a row of 48 steps each, or of 8 records where these are more steps. The time is `work_time`
(batch in hand to before the exchange) and the wait for the batch, `data_time`. Without `work_time`
it is the wait, beside what the rank that waits least has left of its step; without both it is
`step_time`.

Stays quiet
-----------
Where many ranks are slower than a few: that is how the work is divided, as in a pipeline.

With `step_time` alone a straggler is hardly ever seen: all ranks wait for the slowest one in the
exchange, so that their steps take equally long. `log.watch` on a model of DistributedDataParallel
logs `work_time`, and `log.batches` the wait for data. Hosts whose clocks differ change nothing: it
is durations that are compared.

What to do
----------
Look at that rank's card (`nvidia-smi -q`: clocks, retired pages, PCIe width), its host's CPU, disk
and network, and exchange it for another. If the slowness follows the rank and not the card, it is
its share of the data.

Sources
-------
Jiang et al., MegaScale (NSDI 2024): stragglers of 10 % found by comparing the time of one kernel
over all ranks. Lin et al., Understanding Stragglers in Large Model Training (2025).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("straggler-rank")
>>> [(d.event.rank, d.event.row) for d in replay(rule, rule.fires())]
[(2, 287)]
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import WELL, Lasting, Turn, Windows, follow, steps_apart, windows
from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.ranks.side_by_side import (
    RANKS,
    in_words,
    medians,
    of_role,
    place_of,
    rows_between,
    side_by_side,
    table,
)
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Ranks:
    """How each rank has been."""

    baseline_row: int = 0
    apart: float = 0.0
    """Steps that a record stands for; 0 until it is known."""
    ranks: Mapping[int, Lasting] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class StragglerRank(Rule[Ranks]):
    """A rank that needs longer for its own part of a step."""

    id = "straggler-rank"
    summary = "one rank is slower than the others, and all wait for it; names rank, host and GPU"
    needs = (
        Need(
            "work_time of several ranks",
            (Role.WORK_TIME, Role.DATA_TIME, Role.STEP_TIME),
            "log.watch(model, optimizer)  # of DistributedDataParallel, in every process",
        ),
    )
    units = {"time": "seconds", "best": "seconds", "middle": "seconds"}  # noqa: RUF012 - declared as a class variable by Rule
    across_ranks = True

    speed: float = threshold(0.75, "of the best rank's speed")
    middle: float = threshold(0.86, "of the middle rank's speed: one of few that are slow")
    over: float = threshold(0.85, "of the best rank's speed: it keeps up again")
    least: float = threshold(0.005, "seconds more than the best: less is noise of short steps")
    errors: float = threshold(3.0, "standard errors of a median: a few noisy steps prove nothing")
    report: int = threshold(6, "cells of 8 steps: about 50 steps")
    lasts: int = threshold(3, "reports in a row")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: it is reports that are judged."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return what stands in each row, if ranks can be compared."""
        return () if self.missing(context) else (RANKS,)

    def missing(self, context: Context) -> list[Need]:
        """Return the need unless several ranks tell a time."""
        told = of_role(context, Role.WORK_TIME) or of_role(context, Role.STEP_TIME)
        return [] if told else list(self.needs)

    def begin(self) -> Ranks:
        """Return the state before the first row."""
        return Ranks()

    def step(self, state: Ranks, context: Context, block: Block) -> tuple[Ranks, list[Event]]:
        """Judge the reports that are complete now."""
        ranks = dict(state.ranks)
        if state.baseline_row != context.baseline_row:
            ranks = {rank: lasting.anew() for rank, lasting in ranks.items()}
        digest, apart = block.digest(RANKS), state.apart
        if not apart and len(digest):
            apart = steps_apart(block, digest)
        every = windows(digest, block.start, self._width(apart))
        if not len(every.first):
            return Ranks(context.baseline_row, apart, MappingProxyType(ranks)), []
        own = _own_times(context, block, every)
        numbers, times = own.ranks, medians(own.times)
        best = np.fmin.reduce(times, axis=0)
        middle = medians(times.T)
        slow = (times * self.speed > best) & (times * self.middle > middle)
        slow &= times - best >= self.least
        if slow.any():
            slow &= times - middle >= self.errors * _error(own.times, times)
        keeps_up = times * self.over <= best
        events = list[Event]()
        for place, rank in enumerate(numbers):
            before, levels = ranks.get(rank, WELL), 2 * slow[place].astype(np.int8)
            if before.is_still(levels):
                continue
            ranks[rank], turns = follow(before, every, levels, keeps_up[place], self.lasts)
            for turn in turns:
                at = [float(each[turn.place]) for each in (times[place], best, middle)]
                events.append(_told(context, turn, rank, own, at))
        events.sort(key=lambda event: event.row)
        return Ranks(context.baseline_row, apart, MappingProxyType(ranks)), events

    def _width(self, apart: float) -> int:
        """Return how many cells a report has, of records so many steps apart."""
        return max(1, round(self.report / apart)) if apart > 1 else self.report

    @staticmethod
    def fires() -> list[Record]:
        """Four ranks, of which one becomes slow."""
        noise = np.random.default_rng(0).normal(0.1, 0.004, (300, 4))
        noise[150:, 2] += 0.06
        return _log(noise)

    @staticmethod
    def quiet() -> list[Record]:
        """Four ranks of a pipeline, of which the first has less to do."""
        noise = np.random.default_rng(1).normal(0.1, 0.004, (300, 4))
        noise[:, 0] -= 0.05
        return _log(noise)


def _log(times: Floats) -> list[Record]:
    return [
        {"step": step, RANKS: len(row), **{f"work_time/rank{r}": t for r, t in enumerate(row)}}
        for step, row in enumerate(times.tolist())
    ]


@dataclass(frozen=True, slots=True)
class _Own:
    """The time that each rank needs for its own part of a step."""

    metric: str
    """What it is read from, as it is called in each rank."""
    ranks: tuple[int, ...]
    times: Floats
    """In seconds: ranks x reports x steps."""


def _own_times(context: Context, block: Block, every: Windows) -> _Own:
    """Return the time of each rank for its own part of each step, in reports."""
    work, data, step = (
        of_role(context, role) for role in (Role.WORK_TIME, Role.DATA_TIME, Role.STEP_TIME)
    )
    names = work or step
    waits = {rank: data[rank] for rank in names if rank in data}
    rows = rows_between(block, every.rows(0)[0], every.rows(len(every.first) - 1)[1])
    own = table(block, names, rows)
    if len(waits) == len(names):
        waited = table(block, waits, rows)
        if not work:  # the rest of a step is the exchange, but of the rank that waits least
            own = np.broadcast_to(np.fmin.reduce(own - waited, axis=0), own.shape)
        own = own + np.where(np.isfinite(waited), waited, 0.0)
    metric = next(metric for metric, by in side_by_side(context).items() if by is names)
    if not work and waits:
        metric = next(metric for metric, by in side_by_side(context).items() if by is data)
    return _Own(metric, tuple(names), own.reshape(len(names), len(every.first), -1))


def _error(times: Floats, middle: Floats) -> Floats:
    """Return the standard error of a rank's median in each report, as most ranks have it."""
    spread = MAD_TO_SIGMA * medians(np.abs(times - middle[..., None]))
    count = np.maximum(np.isfinite(times).sum(axis=-1), 1)
    return medians((_OF_A_MEDIAN * spread / np.sqrt(count)).T)


_OF_A_MEDIAN = 1.2533
"""Standard error of the median of n normal numbers, times the root of n over their deviation."""


def _told(context: Context, turn: Turn, rank: int, own: _Own, at: Sequence[float]) -> Event:
    """Return what is told of a rank whose time, the best and the middle one are given."""
    time, best, middle = at
    place = place_of(context, rank)
    evidence: dict[str, Any] = {
        "rank": rank,
        "ranks": len(own.ranks),
        "time": time,
        "best": best,
        "middle": middle,
        "speed": best / time if time else np.nan,
        **place,
    }
    who = in_words(rank, place)
    title = f"{who} needs {time:.2g} s for its part of a step, the best one {best:.2g} s"
    if turn.kind == EventKind.CLEARED:
        title = f"{who} keeps up with the others"
    return replace(turn.event(title, own.metric, evidence), rank=rank)
