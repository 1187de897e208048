"""The longest spikes one by one, with what is known of the machine at their time."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from trainmon.context import Context
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, known
from trainmon.spikes.pattern import Spike
from trainmon.store.batch import LogEvent

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
    for name in context.names(Role.SYSTEM):
        short = name.removeprefix("sys/")
        if short in _OF_HOST or short.endswith(_OF_GPU):
            every = block.lane.samples(name)
            begin, *ends = every.positions(block.baseline_row, *rows)
            for reading, end in zip(readings, ends, strict=True):
                if end > begin:
                    reading[short] = float(every.values[end - 1])
    return readings


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
