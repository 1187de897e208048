"""Order names as people count: rank2 before rank10."""

import re
from functools import lru_cache

_DIGITS = re.compile("([0-9]+)")

NaturalKey = tuple[tuple[str | tuple[int, str], ...], str]


@lru_cache(maxsize=32_768)  # each scan sorts the same names again: half of its time otherwise
def natural_key(name: str) -> NaturalKey:
    """Return a sort key under which the numbers within names count as numbers.

    >>> sorted(["run-10", "run-9", "Run-1"], key=natural_key)
    ['Run-1', 'run-9', 'run-10']
    """
    # Splitting at a group alternates text and digits, so that like is always compared with like.
    # A number is compared by its length and then its digits: `int` refuses thousands of them.
    parts = _DIGITS.split(name.casefold())
    return tuple(_number(part) if index % 2 else part for index, part in enumerate(parts)), name


def _number(digits: str) -> tuple[int, str]:
    significant = digits.lstrip("0")
    return len(significant), significant
