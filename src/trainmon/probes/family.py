"""Which process began which."""

from collections.abc import Collection, Mapping

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
