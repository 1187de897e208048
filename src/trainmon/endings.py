"""How a process's log ends: with an event that says so, unless metrics follow it."""

from trainmon.record import EventKind
from trainmon.store.batch import LogEvent
from trainmon.store.lane import Lane

_ENDINGS = (EventKind.FINISH, EventKind.EXCEPTION)

_LAST_EVENTS = 100
"""Events that may follow an end: notes and checkpoints of a shutdown."""


def ending(lane: Lane) -> LogEvent | None:
    """Return the event with which a lane ends; None if it goes on: a resume takes an end back."""
    last = lane.events[-_LAST_EVENTS:]
    at = next((at for at in range(len(last) - 1, -1, -1) if last[at].kind in _ENDINGS), None)
    if at is None:
        return None
    behind = len(last) - 1 - at
    return last[at] if lane.n_rows - last[at].row - 1 <= behind else None
