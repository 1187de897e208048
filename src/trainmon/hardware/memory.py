"""What a log tells of memory: how much process, host and GPUs use, and how much there is."""

from collections.abc import Mapping

import numpy as np

from trainmon.context import Context
from trainmon.hardware.readings import gpus_in, last_told
from trainmon.once import once
from trainmon.roles import Role
from trainmon.rule import Block

PROCESS, HOST, _HOST_TOTAL = "sys/rss", "sys/mem_used", "sys/mem_total"
_ON_CARD = ("mem_used", "mem_reserved")


def kind_of(name: str) -> str:
    """Return whose memory a metric tells of: the process's, the host's, a GPU's, or only that."""
    return _KINDS.get(name, "gpu" if "gpu" in name else "memory")


_KINDS = {PROCESS: "process", HOST: "host"}


@once
def memories(context: Context) -> Mapping[str, str | None]:
    """Return the metrics of memory that are judged, each with that of how much there is."""
    system, others = context.names(Role.SYSTEM), context.names(Role.MEMORY)
    total = _HOST_TOTAL if _HOST_TOTAL in system else None
    found: dict[str, str | None] = {}
    if PROCESS in system:
        found[PROCESS] = total
    if HOST in system and total:
        found[HOST] = total
    for metrics in gpus_in(system).values():
        used = next((metrics[what] for what in _ON_CARD if what in metrics), None)
        if used:
            found[used] = metrics.get("mem_total")
    return found | dict.fromkeys(others[:_FOREIGN])


_FOREIGN = 4
"""Metrics of memory of other projects that are judged: they tell much of one thing."""


def limit_at(context: Context, block: Block, name: str, row: int, now: float) -> float:
    """Return the memory at which there is no more: for a process, that which others leave."""
    at = np.array([row], np.int32)
    total = float(last_told(block, memories(context).get(name), at)[0])
    others = float(last_told(block, HOST, at)[0]) - now if name == PROCESS else 0.0
    return total - others if others > 0 else total


def size(count: float) -> str:
    """Return bytes in words, in units of 1,024 as makers of GPUs, PyTorch and the screen count.

    >>> size(7.5 * 2**30)
    '7.5 GB'
    """
    return f"{count / 2**30:.3g} GB"
