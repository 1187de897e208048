"""How a process stands, as the kernel of Linux tells it: what it waits for, and waited for.

proc_pid_stat(5): the third field is the state, the twelfth counts major page faults.
"""

from pathlib import Path
from typing import NamedTuple

DISK = "D"
"""Waits for a disk, or for a file server, and cannot be interrupted."""

STOPPED = frozenset("Tt")
"""Is suspended, by a signal or a debugger."""

_STATE, _FAULTS = 0, 9
"""Fields behind the name, which stands in parentheses and may hold anything."""


class Stat(NamedTuple):
    """One look at a process."""

    state: str
    """A letter: R runs, S sleeps, D waits for a disk, T is suspended, Z has ended."""
    faults: float
    """Pages so far that had to come from a disk: from swap, or from files that are mapped."""


def read_stat(pid: int, processes: Path = Path("/proc")) -> Stat | None:
    """Return how a process stands; None where it is gone, or the system does not tell."""
    try:
        text = (processes / str(pid) / "stat").read_bytes()
        fields = text.rpartition(b")")[2].split()
        return Stat(fields[_STATE].decode(), float(fields[_FAULTS]))
    except (OSError, ValueError, IndexError):
        return None
