"""The longest spikes one by one, with what is known of the machine at their time."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.record import CONSTANT_READINGS, EventKind
from trainmon.roles import Role
from trainmon.rule import Block, known
from trainmon.spikes.pattern import Spike
from trainmon.store.batch import LogEvent
from trainmon.store.lane import Lane

_WORST = 5
"""Spikes that are shown one by one."""


def worst(
    spikes: Sequence[Spike], context: Context, block: Block, row: int, key: str
) -> dict[str, Any]:
    """Return the longest of some spikes one by one, with the machine at their time, and in sum.

    What `spike` events tell of it, up to `row`, stands above what was logged at that time; `key` is
    the field that holds the time itself.
    """
    longest = _longest(spikes)
    events = _events(block, min(spike.row for spike in longest), row)
    shown, machines = [], []
    for spike, logged in zip(longest, _logged_at(context, block, longest), strict=True):
        told = next((told for event in events if (told := _read_at(event, spike, key))), {})
        machine = {**logged, **told}
        machines.append(machine)
        step = float(block.steps[spike.row])
        shown.append(known({"step": step, "wait": spike.wait, **_shown(machine)}))
    return {"worst": shown, **_in_sum(machines)}


def worst_beside(worst: Sequence[Any], log: Lane, machine: Lane) -> dict[str, Any]:
    """Return spikes that were told one by one with what probes read meanwhile, and that in sum.

    `machine` holds what they read of the machine that the run of `log` is on. Nothing is returned
    where a spike tells of the machine already, or nothing was read at the time of any.
    """
    if any(not isinstance(spike, Mapping) or spike.keys() - _OF_A_SPIKE for spike in worst):
        return {}
    machines = [_read_meanwhile(spike, log, machine) for spike in worst]
    if not any(machines):
        return {}
    pairs = zip(worst, machines, strict=True)
    return {"worst": [{**spike, **_shown(read)} for spike, read in pairs], **_in_sum(machines)}


_OF_A_SPIKE = frozenset({"step", "wait"})


def _read_meanwhile(spike: Mapping[str, Any], log: Lane, machine: Lane) -> dict[str, float]:
    """Return the readings that are nearest to the end of a spike, if they are near at all."""
    steps = log.steps[max(0, log.n_rows - _ROWS_BACK) : log.n_rows]
    rows = np.flatnonzero(steps == spike.get("step"))
    if not len(rows):
        return {}
    ended = float(log.times[log.n_rows - len(steps) + int(rows[-1])])
    near = _SAMPLED + float(spike.get("wait", 0.0))
    readings = {}
    for names in machine.new_metrics.values():
        for name in filter(_explains, names):
            every = machine.samples(name)
            apart = np.abs(machine.times[every.rows] - ended)
            nearest = int(np.argmin(apart))
            if apart[nearest] <= near:
                readings[name.removeprefix(_SPACE)] = float(every.values[nearest])
    return readings


_ROWS_BACK = 4_096
"""Rows looked back over for a spike that is told now."""

_SAMPLED = 1.0
"""Seconds between two samples of a machine that is watched."""


def reads_worst(event: LogEvent, spikes: Sequence[Spike], key: str) -> bool:
    """Return whether a spike event tells of the machine at one of the longest of some spikes."""
    return any(_read_at(event, spike, key) for spike in _longest(spikes))


def _longest(spikes: Sequence[Spike]) -> list[Spike]:
    return sorted(spikes, key=lambda spike: -spike.wait)[:_WORST]


def _events(block: Block, first: int, last: int) -> list[LogEvent]:
    """Return the spike events from one row to another."""
    every = block.lane.events
    begin, end = (bisect_left(every, row, key=_row_of) for row in (first, last + 1))
    return [event for event in every[begin:end] if event.kind == EventKind.SPIKE]


def _row_of(event: LogEvent) -> int:
    return event.row


def _shown(machine: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in machine.items() if not name.endswith("mem_total")}


def _logged_at(context: Context, block: Block, spikes: Sequence[Spike]) -> list[dict[str, float]]:
    """Return the machine's readings that the log holds for the time of each spike."""
    readings: list[dict[str, float]] = [{} for _ in spikes]
    rows = [spike.row + 1 for spike in spikes]
    for name in filter(_explains, context.names(Role.SYSTEM)):
        every = block.lane.samples(name)
        begin, *ends = every.positions(block.baseline_row, *rows)
        once = name.rpartition("/")[2] in CONSTANT_READINGS
        for reading, end in zip(readings, ends, strict=True):
            if end > (0 if once else begin):
                reading[name.removeprefix(_SPACE)] = float(every.values[end - 1])
    return readings


def _explains(name: str) -> bool:
    """Return whether a reading of the machine may explain a stall."""
    return name.removeprefix(_SPACE) in _OF_HOST or name.endswith(_OF_GPU)


_SPACE = "sys/"

_OF_HOST = frozenset({"cpu", "mem_used", "mem_total", "io_wait", "swap_used"})
_OF_GPU = ("/util", "/mem_used", "/mem_total")
"""Readings that explain a stall."""


def _read_at(event: LogEvent, spike: Spike, key: str) -> dict[str, float]:
    """Return the machine's readings of an event that tells of this spike; none if of another."""
    fields = event.fields
    wait = fields.get(key)
    if not isinstance(wait, (int, float)) or abs(wait - spike.wait) > _ROUNDED * spike.wait:
        return {}
    gpus = fields.get("gpu")
    readings = {name: fields[name] for name in _OF_HOST if name in fields}
    if isinstance(gpus, dict):
        for gpu, told in gpus.items():
            if isinstance(told, dict):
                readings |= {f"{gpu}/{what}": told[what] for what in told if f"/{what}" in _OF_GPU}
    return {
        name: float(value)
        for name, value in readings.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


_ROUNDED = 1e-6
"""How far the time of an event may be from that of the metric: both are the same number, which a
log may hold with fewer digits."""


def _in_sum(machines: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return how busy and how full the machine was at some spikes, in the median, as shares."""
    told: dict[str, list[float]] = {}
    for machine in machines:
        for name, value in machine.items():
            if name in ("cpu", "io_wait"):
                told.setdefault(name, []).append(value)
            elif name.endswith("/util"):
                told.setdefault("gpu_util", []).append(value)
            elif name.endswith("mem_used") and machine.get(f"{name[:-4]}total"):
                share = "gpu_mem_share" if "/" in name else "mem_share"
                told.setdefault(share, []).append(value / machine[f"{name[:-4]}total"])
    return {name: median(values) for name, values in told.items()}
