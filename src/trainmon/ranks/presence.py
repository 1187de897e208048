"""Which ranks of a run are there: those that told something, and how each came to its end."""

from collections.abc import Collection, Mapping
from typing import Any

from trainmon.context import Context
from trainmon.endings import ending
from trainmon.failures import COLLECTIVE, FAILED, speaks_of
from trainmon.finite import finite
from trainmon.ranks.side_by_side import side_by_side
from trainmon.record import EventKind
from trainmon.rule import Block
from trainmon.store.lane import Lane

TELLERS = "tellers"
"""The field of the header of all ranks that lists those that have told metrics."""

ENDED = "ranks-ended"
"""The event with which a run of several ranks ends of which some have failed."""

_WORLD_LIMIT = 100_000
"""Ranks of a run at most: a larger number is a mistake."""

_CANDIDATES = 3
"""Ranks of which one is to be looked for at most, where they are half of all or more."""

_LAST_EVENTS = 10
"""Events among which a rank's stop is looked for."""


def absent(world_size: object, tellers: Collection[int]) -> list[int]:
    """Return the ranks that have told nothing, of a run of which most ranks tell something.

    Where half of them or more tell nothing that is how the script logs: the first rank alone does,
    or that of each host.

    >>> absent(4, {0, 1, 3}), absent(4, {0}), absent(16, {0, 8})
    ([2], [], [])
    """
    if type(world_size) is not int or not len(tellers) < world_size <= _WORLD_LIMIT:
        return []
    missing = [rank for rank in range(world_size) if rank not in tellers]
    return missing if 2 * len(missing) < world_size else []


def leading(lanes: Mapping[int, Lane]) -> int:
    """Return the rank that is judged for all: the lowest one, of which there is at least one.

    Where that has told no metric it is the lowest that has gone by some steps meanwhile.
    """
    lowest = min(lanes)
    if lanes[lowest].new_metrics:
        return lowest
    return next((rank for rank in sorted(lanes) if _passed(lanes[rank]) >= _AHEAD), lowest)


_AHEAD = 20.0
"""Steps: ranks that work together are never further apart than one or two."""


def _passed(lane: Lane) -> float:
    """Return how many steps a rank has told."""
    if not lane.new_metrics:
        return 0.0
    first, last = (finite(part) for part in (lane.steps[:_ROWS], lane.steps[-_ROWS:]))
    return float(last[-1] - first[0]) if len(first) and len(last) else 0.0


_ROWS = 64
"""Rows at either end of a log in which a step is looked for."""


def metrics_of_ranks(context: Context) -> dict[int, list[str]]:
    """Return the names of all metrics of each rank."""
    ranks: dict[int, list[str]] = {}
    for by in side_by_side(context).values():
        for rank, name in by.items():
            ranks.setdefault(rank, []).append(name)
    return dict(sorted(ranks.items()))


def absent_in(context: Context, ranks: Collection[int]) -> list[int]:
    """Return the ranks that have told nothing, given those whose metrics are compared."""
    told = context.header.get(TELLERS)
    tellers = {*ranks, *(told if isinstance(told, list) else ())}
    return absent(context.header.get("world_size"), tellers)


def end_of(lane: Lane) -> dict[str, Any]:
    """Return how a rank's log ended: ``finished``, ``stopped``, ``failed`` or ``silent``.

    A failure tells what it speaks of.
    """
    event = ending(lane)
    if event is None:
        stopped = any(e.kind == EventKind.STOP for e in lane.events[-_LAST_EVENTS:])
        return {"how": "stopped" if stopped else "silent"}
    status = str(event.fields.get("status"))
    if event.kind == EventKind.FINISH and status not in FAILED:
        return {"how": "finished"}
    kind = str(event.fields.get("type") or status)
    about = speaks_of(kind, str(event.fields.get("message") or ""))
    return {"how": "failed", "speaks_of": about}


def deserters(block: Block) -> list[tuple[int, int, Mapping[str, Any]]]:
    """Return the ranks that ended without a word before the exchange of the others failed.

    Each with the row at which that is known, and how it ended. There are none where a rank has
    told a failure of its own, which is what the others met with, or where too many are silent: a
    launcher ends all the others once it has seen one fail.
    """
    found: list[tuple[int, int, Mapping[str, Any]]] = []
    for event in block.events:
        ends = event.fields.get("ranks") if event.kind == ENDED else None
        if not isinstance(ends, Mapping):
            continue
        failed = [end for end in ends.values() if end.get("how") == "failed"]
        silent = {int(rank): end for rank, end in ends.items() if end.get("how") == "silent"}
        theirs = failed and all(end.get("speaks_of") == COLLECTIVE for end in failed)
        if theirs and (2 * len(silent) < len(ends) or len(silent) <= _CANDIDATES):
            told = {"silent": len(silent)}
            found += [(event.row, rank, {**end, **told}) for rank, end in silent.items()]
    return found
