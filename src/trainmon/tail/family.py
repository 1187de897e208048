"""Which files are older parts of a log that is rotated, by their names."""

import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from trainmon.tail.listing import CLOCK_GRAIN

FOLDERS_LIMIT = 256
"""Folders whose names are remembered: each run has one, and the newest are asked about."""

_NAME = re.compile(
    r"(?P<base>.+?)"
    r"(?:\.(?P<number>[0-9]{1,4})"
    r"|[-.](?P<date>[12][0-9]{3}(?P<dash>-?)[01][0-9](?P=dash)[0-3][0-9](?:[-_]?[0-9]{2,10}){0,3}))"
    r"(?P<packed>\.gz)?",
    re.DOTALL,
)
"""``metrics.jsonl.2``, ``metrics.jsonl-20261120``, ``metrics.jsonl.2026-11-20_13-45``, with ``.gz``
behind them: what logrotate and the handlers of Python's logging make."""


class PartName(NamedTuple):
    """What the name of an older part says."""

    base: str
    """The name of the log itself."""
    order: tuple[int, int, str]
    """Older parts come first: those with a date from old to new, then numbers from high to low."""
    packed: bool
    """Whether the name says that it is compressed."""


@lru_cache(maxsize=32_768)  # each scan asks for the same names again
def part_name(name: str) -> PartName | None:
    """Return what `name` says if it can be that of an older part of a log.

    >>> part_name("metrics.jsonl.2.gz")
    PartName(base='metrics.jsonl', order=(1, -2, ''), packed=True)
    >>> part_name("metrics.jsonl") is None
    True
    """
    if not (name[-1:].isdigit() or name.endswith(".gz")):  # nearly all: a tenth of the cost
        return None
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    date, packed = match["date"], match["packed"] is not None
    order = (0, 0, re.sub("[-_]", "", date)) if date else (1, -int(match["number"]), "")
    return PartName(match["base"], order, packed)


def parts_by_base(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of the older parts of each log, the oldest first, whether it exists or not.

    A part that lies there as it was and compressed counts once: the compressing may not be over.

    >>> parts_by_base(["a.log.1", "a.log", "a.log.2.gz", "a.log.1.gz"])
    {'a.log': ('a.log.2.gz', 'a.log.1')}
    """
    parts: dict[str, dict[tuple[int, int, str], str]] = {}
    for name in names:
        part = part_name(name)
        if part is not None:
            chosen = parts.setdefault(part.base, {})
            if not (part.packed and part.order in chosen):
                chosen[part.order] = name
    return {
        base: tuple(chosen[order] for order in sorted(chosen)) for base, chosen in parts.items()
    }


class Families:
    """The older parts of logs, folder by folder; a folder that did not change is listed once.

    Share one among all followers: without it, a thousand of them in one folder would list it a
    thousand times. `clock` gives the time of day in nanoseconds. Owned by one thread.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._known: dict[str, tuple[tuple[int, ...], dict[str, tuple[str, ...]]]] = {}
        self._listed: deque[str] = deque()

    def parts_of(self, path: Path, *, again: bool = False) -> tuple[Path, ...]:
        """Return the older parts of the log at `path`, the oldest first, by their names alone.

        Those beside what a link leads to come before those beside the link. With `again` the
        folder is listed whatever is known of it. None where it cannot be listed.
        """
        real = Path(os.path.realpath(path))
        own = self._beside(path, again=again)
        return own if real == path else (*self._beside(real, again=again), *own)

    def _beside(self, path: Path, *, again: bool) -> tuple[Path, ...]:
        folder = str(path.parent)
        try:
            status = path.parent.stat()
            look = (status.st_dev, status.st_ino, status.st_ctime_ns)
            known = self._known.get(folder)
            if again or known is None or known[0] != look:
                # As for listings: a second change within the grain of the clock would not show.
                settled = self._clock() - status.st_ctime_ns > CLOCK_GRAIN
                names = os.listdir(folder)  # noqa: PTH208 - a path for each takes thrice as long
                known = (look if settled else (), parts_by_base(names))
                self._remember(folder, known)
        except OSError:
            return ()
        return tuple(path.parent / name for name in known[1].get(path.name, ()))

    def _remember(
        self, folder: str, known: tuple[tuple[int, ...], dict[str, tuple[str, ...]]]
    ) -> None:
        if folder not in self._known:
            self._listed.append(folder)
            if len(self._listed) > FOLDERS_LIMIT:
                del self._known[self._listed.popleft()]
        self._known[folder] = known
