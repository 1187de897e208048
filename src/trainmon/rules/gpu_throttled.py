"""A GPU runs below its clock because it is too hot, or short of power.

Looks for
---------
A clock far below its maximum while the GPU is at work, and a reason for it.

Why it matters
--------------
Every step takes as much longer as the clock is lower, and in a job on many GPUs the slowest one
sets the pace of all.

Fires when
----------
The clock is below 80 % of its maximum while the GPU is used for at least half of the time (or draws
half of its power limit), in two windows in a row, and the driver names heat or a slowdown by the
hardware as the reason, or it is 83 degrees C hot: warning. Where only power is the reason, told by
the driver or by a draw at the limit, it is a warning below 70 % and info above: large cards lower
their clock to three quarters in long matrix products. A window is 32 samples, or 8 where each
stands for several steps, or for 4 seconds and more where they are told at no step; 4 of 8 steps or
seconds each make one, and 2 of 16 and more.

Stays quiet
-----------
On a GPU that idles, whose clock is low by design, and without a reason: a clock may be locked.

What to do
----------
Heat: fans, dust, the air of the room, the card next to it. Power: `nvidia-smi -q -d POWER` and the
supply's limit. Until then a smaller share of the work for that card.

Sources
-------
NVIDIA, NVML API reference, nvmlClocksEventReasons: what each reason means. Llama 3 (2024), 3.3.4:
clocks that follow the temperature of the day moved the throughput by 1 to 2 %.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("gpu-throttled")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.evidence["reason"], round(last.evidence["clock_share"], 2)
('warning', 'heat', 0.61)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.courses.lasting import Flags, Levels
from trainmon.hardware.card_rule import CardRule, Metrics, Seen
from trainmon.hardware.readings import as_share, at_cells, cells_at, last_told, usual
from trainmon.roles import Role
from trainmon.rule import EventKind, Need
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold

_REASON = "throttle/"
_SLOWDOWNS = ("thermal", "slowdown", "brake")
"""Parts of the names of reasons that are no matter of course under load, by NVML's spelling."""


@dataclass(frozen=True)
class GpuThrottled(CardRule):
    """A low clock under load, with a reason."""

    id = "gpu-throttled"
    summary = "a GPU runs below its clock because it is too hot, or short of power"
    needs = (
        Need(
            "sys/gpu0/clock",
            (Role.SYSTEM,),
            'log.log({"sys/gpu0/clock": torch.cuda.clock_rate(), "sys/gpu0/clock_max": 1980, '
            '"sys/gpu0/temp": torch.cuda.temperature(), "sys/gpu0/util": torch.cuda.utilization()'
            " / 100})",
        ),
    )
    units = {"clock_share": "share", "util": "share", "power_share": "share"}  # noqa: RUF012 - declared as a class variable by Rule
    every_rank = True

    low: float = threshold(0.8, "of the maximal clock")
    very_low: float = threshold(0.7, "of the maximal clock: more than long matrix products do")
    over: float = threshold(0.88, "of the maximal clock: it runs well again")
    at_work: float = threshold(0.5, "of the time, or of the power limit: idle GPUs lower the clock")
    hot: float = threshold(83.0, "degrees C: where most cards begin to slow down")
    at_limit: float = threshold(0.97, "of the power limit")
    lasts: int = threshold(2, "windows, so that no single moment decides")

    def judged(self, metrics: Metrics) -> str | None:
        """Return the clock, where its maximum is known and whether the GPU is at work."""
        works = "util" in metrics or {"power", "power_limit"} <= metrics.keys()
        return metrics.get("clock") if works and "clock_max" in metrics else None

    def in_a_row(self) -> tuple[int, int]:
        """Return how many windows open a finding, and how many a warning."""
        return self.lasts, self.lasts

    def suspects(self, seen: Seen) -> Flags:
        """Return in which windows the clock is low."""
        return np.asarray(_clock_share(seen) < self.low)

    def levels(self, seen: Seen) -> tuple[Levels, Flags]:
        """Return 2 where it is hot or very low, 1 where power alone is the reason."""
        share = _clock_share(seen)
        power = _of(seen, "power") / _limit(seen)
        util = as_share(_of(seen, "util"))
        works = np.where(np.isfinite(util), util >= self.at_work, power >= self.at_work)
        hot = self._is_hot(seen)
        short = (power >= self.at_limit) | _any_reason(seen, slowdown=False)
        levels = ((share < self.low) & works & (hot | short)).astype(np.int8)
        levels[(levels > 0) & (hot | (share < self.very_low))] = 2
        return levels, np.asarray(share >= self.over)

    def _is_hot(self, seen: Seen) -> Flags:
        """Return where the driver names a slowdown; the temperature stands for what it does not."""
        if any(_is_slowdown(what) for what in seen.metrics):
            return _any_reason(seen, slowdown=True)
        return np.asarray(_of(seen, "temp") >= self.hot)

    def evidence(self, seen: Seen, place: int) -> dict[str, Any]:
        """Return the clock, its maximum and what stands beside it."""
        rows = seen.every.rows(place, self.lasts)
        read = {what: usual(seen.block, seen.metrics.get(what), *rows) for what in _READ}
        clock, clock_max = read["clock"] or 0.0, read["clock_max"] or np.nan
        power, limit = read.pop("power"), read.pop("power_limit")
        at = slice(place, place + 1)
        reasons = [what for what in seen.metrics if what.startswith(_REASON)]
        return {
            **{what: value for what, value in read.items() if value is not None},
            "clock_share": clock / clock_max,
            "power_share": power / limit if power and limit else np.nan,
            "reason": "heat" if self._is_hot(seen)[at].any() else "power",
            "told": [
                what.removeprefix(_REASON) for what in reasons if _highs(seen, what)[at].any()
            ],
        }

    def title(self, gpu: str, kind: EventKind, evidence: Mapping[str, Any]) -> str:
        """Return how low the clock is, and why."""
        clock = f"{evidence['clock']:.0f} of {evidence['clock_max']:.0f} MHz"
        if kind == EventKind.CLEARED:
            return f"{gpu} runs at {clock} again"
        if evidence["reason"] == "power":
            return f"{gpu} runs at {clock}, at its power limit"
        temp = evidence.get("temp")
        degrees = f"{temp:.0f} degrees C" if temp is not None else "heat"
        return f"{gpu} runs at {clock}, slowed down at {degrees}"

    @staticmethod
    def fires() -> list[Record]:
        """A card that gets hot."""
        hot = np.clip(np.arange(300) / 2, 0, 70) + 25
        return [_record(step, 1_980 if temp < 88 else 1_200, temp) for step, temp in enumerate(hot)]

    @staticmethod
    def quiet() -> list[Record]:
        """A card that idles now and then, and one whose clock is locked."""
        clocks = [1_980 if step % 100 < 50 else 300 for step in range(300)]
        return [
            _record(step, clock, 60, 0.9 if clock > 1_000 else 0.02)
            for step, clock in enumerate(clocks)
        ] + [_record(step, 1_400, 60) for step in range(300, 600)]


_READ = ("clock", "clock_max", "temp", "util", "power", "power_limit")


def _record(step: int, clock: float, temp: float, util: float = 0.95) -> Record:
    readings = {"clock": clock, "clock_max": 1_980, "temp": float(temp), "util": util}
    return {"step": step, **{f"sys/gpu0/{what}": value for what, value in readings.items()}}


def _clock_share(seen: Seen) -> Floats:
    return np.asarray(seen.every.medians / _at_ends(seen, "clock_max"))


def _limit(seen: Seen) -> Floats:
    return _at_ends(seen, "power_limit")


def _at_ends(seen: Seen, what: str) -> Floats:
    """Return what was told last of something that hardly changes, at the end of each window."""
    every = seen.every
    return last_told(seen.block, seen.metrics.get(what), every.digest.rows[every.last])


def _of(seen: Seen, what: str) -> Floats:
    """Return the median of the last cell of a reading at the end of each window; NaN if none."""
    digest = seen.block.digest(seen.metrics.get(what))
    every = seen.every
    return at_cells(digest.median, cells_at(digest, every.digest.rows[every.last]))


def _highs(seen: Seen, what: str) -> Flags:
    """Return at the end of which windows a reason was given in the last cell of it."""
    digest = seen.block.digest(seen.metrics.get(what))
    every = seen.every
    return np.asarray(at_cells(digest.median, cells_at(digest, every.digest.rows[every.last])) > 0)


def _any_reason(seen: Seen, *, slowdown: bool) -> Flags:
    """Return where the driver gives a reason: a slowdown, or else its power cap."""
    found = np.zeros(len(seen.every.first), np.bool_)
    for what in seen.metrics:
        if what.startswith(_REASON) and _is_slowdown(what) == slowdown:
            found |= _highs(seen, what) & (slowdown or "power" in what)
    return found


def _is_slowdown(what: str) -> bool:
    return what.startswith(_REASON) and any(part in what for part in _SLOWDOWNS)
