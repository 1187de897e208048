"""A GPU idles for a good part of the time.

Looks for
---------
The utilisation that is logged of each GPU, and whether its dips follow waits for data.

Why it matters
--------------
The time is paid for, and the run could end earlier.

Fires when
----------
The median utilisation is below 70 % in three windows in a row, or more than a fifth of the samples
that follow a wait for data are below 80 %, far more of them than elsewhere (4 standard errors). A
window is 32 samples, or 8 where each stands for several steps, or for 4 seconds and more where they
are told at no step; of 8 steps or seconds each 4 make one, and 2 of 16 and more, as long as they
are a second apart: each is a mean over about as long. It says what explains it: the share of the
time that the steps wait for data, dips that follow single waits, or nothing that is logged.

Stays quiet
-----------
In the first 50 steps; while the training makes no steps, as in an evaluation; on a GPU that hardly
does anything (below 20 % at its best), which belongs to somebody else; on how much of its
arithmetic a model uses (MFU), which is another thing.

What to do
----------
Waits for data: see `loader-bound` and `loader-spikes`. Otherwise the GPU waits for Python: a larger
batch, `torch.compile`, fused optimizers, fewer `.item()` and prints per step; or for other ranks:
see `straggler-rank`.

Sources
-------
NVIDIA, NVML: utilisation is the share of the last moments in which any kernel ran, so that a high
one proves little and a low one much. Mohan et al., Data Stalls in DNN Training (VLDB 2021).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("gpu-starved")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.evidence["explained_by"]
('warning', 'loader')
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.courses.lasting import Flags, Levels
from trainmon.hardware.beside_training import pauses, steps_before
from trainmon.hardware.card_rule import CardRule, Metrics, Seen
from trainmon.hardware.readings import as_share
from trainmon.pace.waiting import timed_between
from trainmon.roles import Role
from trainmon.rule import EventKind, Need
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold


@dataclass(frozen=True)
class GpuStarved(CardRule):
    """A low utilisation, or one that falls with each wait."""

    id = "gpu-starved"
    summary = "a GPU idles; says whether the loader's share, single waits, or nothing explains it"
    needs = (
        Need(
            "sys/gpu0/util",
            (Role.SYSTEM, Role.UTILISATION),
            'log.log({"sys/gpu0/util": torch.cuda.utilization() / 100})',
        ),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "util": "share",
        "data_share": "share",
        "dips": "share",
        "dips_elsewhere": "share",
    }

    low: float = threshold(0.7, "of the time in use, in the median")
    over: float = threshold(0.75, "of the time in use: it works again")
    used: float = threshold(0.2, "of the time at its best: less belongs to somebody else")
    dip: float = threshold(0.8, "of the time in use: a sample below it is a dip")
    dips: float = threshold(0.2, "of the samples that follow a wait")
    errors: float = threshold(4.0, "standard errors above the share of dips elsewhere")
    share: float = threshold(0.1, "of the time: waits that explain an idle GPU")
    frequent: float = threshold(0.2, "of the steps: waits in fewer are single ones")
    shortest: float = threshold(0.01, "seconds: shorter waits leave no trace in a sample")
    begun: float = threshold(50.0, "steps, while compilers and caches are at work")
    lasts: int = threshold(3, "windows")

    def judged(self, metrics: Metrics) -> str | None:
        """Return the utilisation."""
        return metrics.get("util")

    def in_a_row(self) -> tuple[int, int]:
        """Return how many windows open a finding, which is a warning."""
        return self.lasts, self.lasts

    def suspects(self, seen: Seen) -> Flags:
        """Return in which windows it is low, or has dips while the loop waits."""
        least = _least(seen)
        dips = least < self.dip
        if self.dip > self.low and (least >= self.dip).all():  # as of a card that is busy
            return dips
        low = as_share(seen.every.medians) < self.low
        return np.asarray(low | dips if self._has_waits(seen) else low)

    def levels(self, seen: Seen) -> tuple[Levels, Flags]:
        """Return 2 where it is low, or dips where it waits."""
        median, follows = as_share(seen.every.medians), np.zeros(len(seen.every.first), np.bool_)
        if (self._has_waits(seen) & (_least(seen) < self.dip)).any():
            follows = self._follow_waits(_Dips.of(seen, self))
        bad = ((median < self.low) | follows) & (_most(seen) >= self.used)
        digest, windows = seen.every.digest, seen.every
        first, last = digest.first_rows[windows.first], digest.rows[windows.last]
        bad &= steps_before(seen.context, seen.block, first) >= self.begun
        if bad.any():
            bad &= ~pauses(seen.context, seen.block, first, last)
        return (2 * bad).astype(np.int8), np.asarray((median >= self.over) & ~follows)

    def evidence(self, seen: Seen, place: int) -> dict[str, Any]:
        """Return how much it is in use, and what may explain it."""
        at = slice(place, place + 1)
        dips = _Dips.of(seen, self)
        times = timed_between(seen.context, seen.block, *seen.every.rows(place, self.lasts))
        share = float(times.share[0]) if times.told.sum() else np.nan
        explained = "loader" if share >= self.share else "unknown"
        if self._follow_waits(dips)[at].any() and times.frequency[0] < self.frequent:
            explained = "waits"
        return {
            "util": float(as_share(seen.every.medians)[place]),
            "data_share": share,
            "dips": float(dips.behind_waits[at][0] / max(1, dips.waits[at][0])),
            "dips_elsewhere": float(dips.elsewhere[at][0] / max(1, dips.others[at][0])),
            "explained_by": explained,
        }

    def title(self, gpu: str, kind: EventKind, evidence: Mapping[str, Any]) -> str:
        """Return how much it is in use, and what explains it."""
        util = f"{gpu} is in use {evidence['util']:.0%} of the time"
        if kind == EventKind.CLEARED:
            return f"{util} again"
        if evidence["explained_by"] == "waits":
            dips = f"{evidence['dips']:.0%} of the samples behind a wait for data"
            return (
                f"{gpu} falls below {self.dip:.0%} in {dips}, {evidence['dips_elsewhere']:.0%} else"
            )
        if evidence["explained_by"] == "loader":
            return f"{util}; steps wait for data {evidence['data_share']:.0%} of it"
        return f"{util}, and nothing that is logged explains it"

    def _has_waits(self, seen: Seen) -> bool:
        return seen.context.data_time is not None

    def _follow_waits(self, dips: "_Dips") -> Flags:
        """Return where dips are far more frequent behind waits than elsewhere."""
        least = np.maximum(dips.elsewhere / np.maximum(dips.others, 1), _LEAST_SHARE)
        expected = dips.waits * least
        error = np.sqrt(np.maximum(expected * (1 - least), _LEAST_SHARE))
        many = dips.behind_waits > self.dips * dips.waits
        return np.asarray(many & (dips.behind_waits - expected >= self.errors * error))

    @staticmethod
    def fires() -> list[Record]:
        """A GPU that waits for data half of the time."""
        util = np.random.default_rng(0).normal(0.5, 0.05, 300)
        return [
            {"step": step, "sys/gpu0/util": float(use), "data_time": 0.1, "step_time": 0.2}
            for step, use in enumerate(util.tolist())
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A GPU whose use varies, beside one that another job left, with a wait now and then."""
        util = np.random.default_rng(1).uniform(0.79, 0.91, 300)
        records = [
            {"step": step, "sys/gpu0/util": use, "data_time": 0.004, "step_time": 0.2}
            for step, use in enumerate(util.tolist())
        ]
        return [
            record | {"sys/gpu1/util": 0.0, "data_time": 0.2 if step % 12 == 11 else 0.004}
            for step, record in enumerate(records)
        ]


_LEAST_SHARE = 0.05
"""Of all samples: dips that are expected anywhere, and their variance where none is."""


@dataclass(frozen=True, slots=True)
class _Dips:
    """Samples of the last windows up to each, by whether a wait for data stands before them."""

    waits: NDArray[np.int64]
    behind_waits: NDArray[np.int64]
    """Those of them that are dips."""
    others: NDArray[np.int64]
    elsewhere: NDArray[np.int64]

    @classmethod
    def of(cls, seen: Seen, rule: GpuStarved) -> "_Dips":
        """Return the counts at each window, over as many windows as open a finding."""
        every, block = seen.every, seen.block
        earlier = min(rule.lasts - 1, int(every.first[0]) // every.width)
        count = len(every.first) + earlier
        first, last = every.rows(-earlier)[0], every.rows(len(every.first) - 1)[1]
        util = block.lane.samples(seen.metrics["util"])
        begin, end = util.positions(first, last + 1)
        dips = as_share(util.values[begin:end]) < rule.dip
        follows = _follows(seen, util.rows[max(0, begin - 1) : end], rule)[-(end - begin) :]
        tables = (follows, follows & dips, ~follows, ~follows & dips)
        counted = (table.reshape(count, -1).sum(axis=1) for table in tables)
        return cls(*(_over(counts, rule.lasts)[earlier:] for counts in counted))


def _over(counts: NDArray[np.int64], windows: int) -> NDArray[np.int64]:
    """Return the sums over so many windows up to each, as far as there are any."""
    padded = np.concatenate((np.zeros(windows - 1, np.int64), counts))
    return np.asarray(sum(padded[at : at + len(counts)] for at in range(windows)))


def _follows(seen: Seen, rows: NDArray[np.int32], rule: GpuStarved) -> Flags:
    """Return before which samples of the utilisation, but behind the last, the loop waited."""
    lane, context = seen.block.lane, seen.context
    waits = lane.samples(context.data_time)
    begin, end = waits.positions(int(rows[0]), int(rows[-1]) + 1)
    steps = lane.samples(context.step_time).at(waits.rows[begin:end], np.nan)
    seconds = waits.values[begin:end]
    long = (seconds >= rule.shortest) & ~(seconds < rule.share * steps)
    so_far = np.concatenate(([0], np.cumsum(long)))
    upto = so_far[np.searchsorted(waits.rows[begin:end], rows, side="right")]
    return np.concatenate(([False], np.diff(upto) > 0))


def _least(seen: Seen) -> Floats:
    """Return the lowest utilisation in each window."""
    return as_share(np.minimum.reduce(seen.every.cells(seen.every.digest.low), axis=1))


def _most(seen: Seen) -> Floats:
    """Return the highest utilisation in each window."""
    return as_share(seen.every.cells(seen.every.digest.high).max(axis=1))
