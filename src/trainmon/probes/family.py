"""Which process began which."""

from collections.abc import Collection, Mapping
from pathlib import Path

import psutil

Children = Mapping[int, list[int]]
"""The processes that each one began, by its pid."""

_MOST = 256
"""Descendants of one process that are told: no loader has more workers."""


def read_children() -> Children:
    """Return the children of every process of this host; 20 us for each of them."""
    children: dict[int, list[int]] = {}
    for process in psutil.process_iter():
        try:
            children.setdefault(process.ppid(), []).append(process.pid)
        except psutil.Error:
            continue
    return children


def children_below(pid: int, processes: Path = Path("/proc")) -> Children:
    """Return the children of one process and of its descendants, without a look at any other.

    Where the kernel of Linux does not list them, all processes are read.
    """
    children: dict[int, list[int]] = {}
    left = [pid]
    while left and len(children) < _MOST:
        parent = left.pop(0)
        own = _children_of(parent, processes)
        if own is None:
            if parent == pid:
                return read_children()
            continue
        children[parent] = own
        left += own
    return children


def _children_of(pid: int, processes: Path) -> list[int] | None:
    """Return the children of a process, which are listed by its threads; None if they are not."""
    found: list[int] = []
    try:
        threads = list((processes / str(pid) / "task").iterdir())
    except OSError:
        return None
    for thread in threads:
        try:
            found += map(int, (thread / "children").read_text().split())
        except FileNotFoundError:
            if thread.exists():  # a kernel that was built without this list
                return None
        except (OSError, ValueError):  # the thread has ended
            continue
    return found


def descendants(pid: int, children: Children, others: Collection[int] = ()) -> list[int]:
    """Return the descendants of a process, less those of `others` and these themselves.

    A rank may have been begun by another one, and is none of its workers.

    >>> descendants(1, {1: [2, 3], 2: [4], 3: [5]}, others={3})
    [2, 4]
    """
    found: list[int] = []
    seen, left = {pid, *others}, [pid]
    while left and len(found) < _MOST:
        for child in children.get(left.pop(0), ()):
            if child not in seen:
                seen.add(child)
                found.append(child)
                left.append(child)
    return found[:_MOST]
