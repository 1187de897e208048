"""Whether the process that wrote a header still lives, told apart from a later one of its id."""

# ruff: noqa: PTH123 - pathlib costs 4 ms to import

import os

_SLACK = 2.0
"""Seconds: the kernel tells a process's start in hundredths, its own start in whole seconds."""


def is_alive(pid: int, since: float) -> bool:
    """Return whether the process `pid` of this host lived at `since` (Unix seconds) and still does.

    Ids come again: in a container that was started anew, a worker finds its own id, or that of
    its neighbour, in the header of the worker before it. What started after `since` is another.

    >>> import time
    >>> is_alive(os.getpid(), since=time.time())
    True
    """
    if pid <= 0:  # to the kernel these mean groups of processes
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass  # it exists and belongs to someone else
    except (ProcessLookupError, OverflowError):
        return False
    started = start_time(pid)
    return started is None or started <= since + _SLACK


def start_time(pid: int) -> float | None:
    """Return when the process started (Unix seconds), or None where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The second field, the name, is in parentheses and may hold anything; the start in
            # clock ticks since boot is the 22nd.
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        with open("/proc/stat", "rb") as file:
            boot = next(int(line.split()[1]) for line in file if line.startswith(b"btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return boot + ticks / os.sysconf("SC_CLK_TCK")
