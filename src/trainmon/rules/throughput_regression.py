"""The run has become slower than it was.

Looks for
---------
The time of a step, or the throughput, beside that of the run's own first steps.

Why it matters
--------------
A run that takes a third longer costs a third more and ends later; nothing in the loss shows it.

Fires when
----------
The median time of a step is 10 % (info) or 30 % (warning) above that of the early steps for 100
steps and 10 s, and above it by more than two standard errors. The early time is the median of about
100 steps behind the first 32 records, or 8 where each stands for several steps. It says what
explains at least half of the slowdown: longer waits for data, a lower clock of the GPU, a memory
that is full or swaps, more work before the exchange of gradients, or nothing that is logged.

Stays quiet
-----------
On slow first steps, in which kernels are compiled; on single pauses, as of evaluations; where each
step holds as much more work (`tokens`, `samples`, a batch size or sequence length that is logged,
or a throughput in tokens that stays), as in curricula; after a `phase` event or a resume, where the
baseline begins anew; on reinforcement learning, whose pace follows its episodes.

What to do
----------
Waits: see `loader-bound`. Clock: see `gpu-throttled`. Memory: see `memory-leak`. Otherwise look for
a neighbour on the machine or the network, for logging that grows with the run, and for a garbage
collector or an allocator that has ever more to do.

Sources
-------
E. S. Page, Continuous inspection schemes (Biometrika 41, 1954), in a robust form: runs of medians
above a bound instead of sums.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("throughput-regression")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, round(last.evidence["slowdown"], 1), last.evidence["explained_by"]
('warning', 1.5, 'data')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import (
    WELL,
    Lasting,
    Turn,
    Windows,
    completes,
    follow,
    steps_apart,
    width_of,
    windows,
)
from trainmon.digest import CELL
from trainmon.hardware.readings import usual
from trainmon.medians import median_of
from trainmon.once import once
from trainmon.pace.amounts import growth
from trainmon.pace.slowdown import explained
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold

_EARLY = 96.0
"""Steps whose median is the early time; those of one window before them are left out."""

_MAD_TO_SIGMA = 1.4826

_OF_A_MEDIAN = 1.2533
"""Standard error of the median of n normal numbers, times the root of n over their deviation."""


@dataclass(frozen=True, slots=True)
class Early:
    """What was usual at first."""

    rows: tuple[int, int]
    """From the first of the early steps to the last."""
    median: float
    spread: float
    """Standard error of the logarithm of a later median beside it; at least that of eight times, as
    those that follow one another are alike."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the run has been."""

    metric: str | None = None
    baseline_row: int = 0
    apart: float = 0.0
    """Steps that a record stands for; 0 until it is known."""
    early: Early | None = None
    lasting: Lasting = WELL


@dataclass(frozen=True)
class ThroughputRegression(Rule[Pace]):
    """The time of a step beside the early one."""

    id = "throughput-regression"
    summary = "the run has become slower than it was; says whether data, clock or memory explain it"
    needs = (
        Need("step_time", (Role.STEP_TIME, Role.THROUGHPUT), "for batch in log.batches(loader)"),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "early": "seconds",
        "now": "seconds",
        "data_share": "share",
        "mem_share": "share",
    }

    slower: float = threshold(1.1, "times the early time of a step")
    far_slower: float = threshold(1.3, "times the early time of a step")
    over: float = threshold(1.05, "times the early time of a step: as fast as it was")
    deviations: float = threshold(2.0, "standard errors")
    steps: float = threshold(100.0, "steps: a pause is shorter")
    seconds: float = threshold(10.0, "seconds: what is over sooner nobody would look at")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: it is windows that are judged."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the time of a step, or the throughput where there is none."""
        name = _metric(context)
        return (name,) if name else ()

    def begin(self) -> Pace:
        """Return the state before the first row."""
        return Pace()

    def step(self, state: Pace, context: Context, block: Block) -> tuple[Pace, list[Event]]:
        """Judge the windows that are complete now."""
        metric = _metric(context)
        if (state.metric, state.baseline_row) != (metric, context.baseline_row):
            state = Pace(metric, context.baseline_row, lasting=state.lasting.anew())
        digest = block.digest(metric)
        if not len(digest):
            return state, []
        if not state.apart:
            state = replace(state, apart=steps_apart(block, digest))
        if not completes(digest, block.start, width_of(state.apart)):
            return state, []
        every = windows(digest, block.start, width_of(state.apart))
        if state.early is None:
            state, every = self._begun(state, context, block, every)
        events = list[Event]()
        while len(every.first) and state.early is not None:
            state, decided, every = self._judged(state, state.early, context, block, every)
            events += decided
        return state, events

    def _begun(
        self, state: Pace, context: Context, block: Block, every: Windows
    ) -> tuple[Pace, Windows]:
        """Return the state with the early time once it is known, and the windows behind it."""
        digest, width = every.digest, every.width
        numbers = (every.first + digest.count - len(digest)) // width
        early = max(1, round(_EARLY / _steps(state, width)))
        over = np.flatnonzero(numbers >= early)
        if not len(over):
            return state, every
        last = int(every.first[over[0]]) + width
        rows = int(digest.first_rows[last - early * width]), int(digest.rows[last - 1])
        samples = block.lane.samples(state.metric)
        begin, end = samples.positions(rows[0], rows[1] + 1)
        told = _times(samples.values[begin:end], context, state.metric)
        told = told[np.isfinite(told) & (told > 0)]
        if not len(told):
            return state, replace(every, first=every.first[:0])
        median = median_of(told)
        spread = _MAD_TO_SIGMA * median_of(np.abs(np.log(told / median)))
        error = _OF_A_MEDIAN * (1 / (early * width * CELL) + 1 / (width * CELL)) ** 0.5
        early_time = Early(rows, median, spread * max(error, _OF_A_MEDIAN * CELL**-0.5))
        behind = replace(every, first=every.first[over[0] + 1 :])
        return replace(state, early=early_time), behind

    def _judged(
        self, state: Pace, early: Early, context: Context, block: Block, every: Windows
    ) -> tuple[Pace, list[Event], Windows]:
        """Return the state, what is decided, and the windows that are to be judged anew.

        There are such where steps hold more work from some time on: it is the new usual.
        """
        ratios = _times(every.medians, context, state.metric) / early.median
        done = replace(every, first=every.first[:0])
        if state.lasting.is_still(ratios > self.slower):
            return state, [], done
        noise = self.deviations * early.spread
        levels = (np.log(ratios) > max(np.log(self.slower), noise)).astype(np.int8)
        if state.lasting.is_still(levels):
            return state, [], done
        levels[np.log(ratios) > max(np.log(self.far_slower), noise)] = 2
        calm = np.log(ratios) < max(np.log(self.over), noise / 2)
        needed = self._needed(state, early, context, every.width)
        lasting, turns = follow(state.lasting, every, levels, calm, needed)
        events = list[Event]()
        for turn in turns:
            rows = every.rows(turn.place, needed)
            evidence = self._evidence(state, early, context, block, rows)
            more = growth(context, block, early.rows, rows)
            if turn.kind == EventKind.OPENED and evidence["slowdown"] < self.slower * more:
                usual_now = Early(rows, evidence["now"], early.spread)
                behind = replace(every, first=every.first[turn.place + 1 :])
                return replace(state, early=usual_now, lasting=WELL), events, behind
            events.append(turn.event(_title(turn, evidence), state.metric, evidence))
        return replace(state, lasting=lasting), events, done

    def _needed(self, state: Pace, early: Early, context: Context, width: int) -> int:
        """Return how many windows hold enough steps and seconds."""
        steps = _steps(state, width)
        needed = max(2, ceil(self.steps / steps))
        if state.metric == context.step_time:
            needed = max(needed, ceil(min(_MOST, self.seconds / (steps * early.median))))
        return needed

    def _evidence(
        self, state: Pace, early: Early, context: Context, block: Block, rows: tuple[int, int]
    ) -> dict[str, Any]:
        """Return how much slower it is, and what grew or fell with it."""
        told = usual(block, state.metric, *rows)
        now = float(_times(np.array([told or np.nan]), context, state.metric)[0])
        times = early.median, now
        return {
            "early": early.median,
            "now": now,
            "slowdown": now / early.median,
            **explained(context, block, early.rows, rows, times),
        }

    @staticmethod
    def fires() -> list[Record]:
        """Steps of 100 ms that wait 50 ms longer for their batch from the 300th on."""
        return _log(np.where(np.arange(700) >= 300, 0.052, 0.002))

    @staticmethod
    def quiet() -> list[Record]:
        """Slow first steps, a pause of an evaluation, and texts that become longer."""
        steps = np.arange(700.0)
        work = np.where(steps < 20, 2.0, 0.0) + np.where(steps % 200 == 0, 9.0, 0.0)
        records = _log(np.full(700, 0.002), work + 0.05 * (steps >= 350))
        lengths = np.where(steps >= 350, 1_536, 1_024).tolist()
        return [r | {"seq_len": length} for r, length in zip(records, lengths, strict=True)]


_MOST = 1_000.0
"""Windows that are waited for at most: of steps that take no time at all."""


def _log(waits: Floats, work: Floats | float = 0.0) -> list[Record]:
    noise = np.random.default_rng(0).lognormal(np.log(0.1), 0.05, len(waits))
    pairs = zip(waits.tolist(), (waits + noise + work).tolist(), strict=True)
    return [
        {"step": step, "data_time": wait, "step_time": whole}
        for step, (wait, whole) in enumerate(pairs)
    ]


def _steps(state: Pace, width: int) -> float:
    """Return how many steps a window of so many cells stands for."""
    return CELL * width * (state.apart if np.isfinite(state.apart) else 1.0)


@once
def _metric(context: Context) -> str | None:
    """Return what tells the pace; nothing where it follows episodes, as in reinforcement."""
    if context.names(Role.RETURN):
        return None
    return context.step_time or next(iter(context.names(Role.THROUGHPUT)), None)


def _times(values: Floats, context: Context, metric: str | None) -> Floats:
    """Return the times of steps, in seconds or, of a throughput, in units of its own."""
    return values if metric == context.step_time else np.asarray(1 / values)


def _title(turn: Turn, evidence: Mapping[str, Any]) -> str:
    times = f"{evidence['slowdown']:.2f} times as long as at first"
    if turn.kind == EventKind.CLEARED:
        return f"steps take {times} again"
    return f"steps take {times}; {_WORDS[evidence['explained_by']]}"


_WORDS = {
    "data": "they wait longer for their data",
    "clock": "the GPU's clock is lower",
    "memory": "the memory is full",
    "compute": "it is the work itself, not the data",
    "exchange": "it is neither the data nor the work before the exchange of gradients",
    "unknown": "nothing that is logged explains it",
}
