"""What is found out of a context once, as it never changes, and rules ask for it at each look."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from trainmon.context import Context

Found = TypeVar("Found")


def once(find: Callable[[Context], Found]) -> Callable[[Context], Found]:
    """Let what a function finds in a context be found once and remembered there."""

    @wraps(find)
    def remembered(context: Context) -> Found:
        known = context.found_once
        if find not in known:
            known[find] = find(context)
        found: Found = known[find]
        return found

    return remembered
