"""Say which files are due for a look: often while they grow, rarely when they rest."""

import heapq
from collections.abc import Hashable, Iterator
from math import inf
from typing import Generic, TypeVar

STEADY_LOOKS = 20
"""Looks in a row that found growth after which a file is said to grow steadily: of a file that
grows five times a second or more, the looks of some four seconds."""

STEADY_REST = 0.5
"""Seconds without growth after which it does so no more. It is looked at with each tick until then,
and for as long again."""

Key = TypeVar("Key", bound=Hashable)

TICK = 0.05
"""Seconds between two looks at a live file, and the grid on which all looks fall, so that a
thousand quiet files wake the reader at most twenty times a second and not a thousand times."""

SLOWEST = 2.0
"""Seconds between two looks at a file that rests: a thousand cost 0.2 % of a core, and a
run that goes on after a pause shows within them even where nothing announces it."""

PATIENCE = 1 / 20
"""The wait as a share of the time since the file last grew: a record is seen late by at most a
twentieth of the time since the one before it. After 1 s of rest that is 50 ms, after 5 s 250 ms,
after 40 s 2 s."""


class Schedule(Generic[Key]):
    """When each key is due next.

    It reads no clock: `now` is in seconds of any clock that only goes forward, the same one in all
    calls.

    >>> schedule = Schedule[str]()
    >>> schedule.add("rank0.jsonl", now=0.0)
    >>> schedule.due(now=0.0)
    ['rank0.jsonl']
    >>> schedule.looked("rank0.jsonl", now=0.0, grew=True)
    >>> schedule.due(now=0.01), schedule.due(now=0.05)
    ([], ['rank0.jsonl'])
    """

    def __init__(self) -> None:
        self._last_growth: dict[Key, float] = {}
        self._last_look: dict[Key, float] = {}
        self._grown: dict[Key, int] = {}  # looks in a row that found growth
        self._least: dict[Key, float] = {}
        self._tick_of: dict[Key, int] = {}  # keys that wait, and for which tick
        self._waiting: dict[int, dict[Key, None]] = {}
        self._ticks: list[int] = []  # a heap of the keys of `_waiting`
        self._ready: dict[Key, None] = {}  # in the order in which they became due

    def __len__(self) -> int:
        return len(self._last_growth)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._last_growth)

    def __contains__(self, key: Key) -> bool:
        return key in self._last_growth

    def add(self, key: Key, now: float) -> None:
        """Take in a key, due at once; one that is known already stays as it is."""
        if key not in self._last_growth:
            self._last_growth[key] = now
            self._ready[key] = None

    def remove(self, key: Key) -> None:
        """Forget a key; an unknown one is none of ours."""
        if self._last_growth.pop(key, None) is not None:
            self._last_look.pop(key, None)
            self._grown.pop(key, None)
            self._least.pop(key, None)
            self._stop_waiting(key)
            self._ready.pop(key, None)

    def slow_down(self, key: Key, least: float) -> None:
        """Look at a key every `least` seconds at most, however it grows.

        All keys of one pace are due at the same moments, so that what they tell comes together.
        """
        self._least[key] = least

    def due(self, now: float) -> list[Key]:
        """Return the keys that are due, the longest due first, until `looked` is told of them."""
        while self._next_tick() * TICK <= now:
            for key in self._waiting.pop(heapq.heappop(self._ticks)):
                del self._tick_of[key]
                self._ready[key] = None
        return list(self._ready)

    def looked(self, key: Key, now: float, *, grew: bool, more: bool = False) -> None:
        """Note a look at a key; with `more` to read it is due again, behind all others."""
        if key not in self._last_growth:
            return
        if grew:
            self._last_growth[key] = now
            self._grown[key] = self._grown.get(key, 0) + 1
        elif not self.is_steady(key) or now - self._last_growth[key] > STEADY_REST:
            self._grown.pop(key, None)
        self._last_look[key] = now
        self._stop_waiting(key)
        self._ready.pop(key, None)
        if more:
            self._ready[key] = None
        else:
            rest = now - self._last_growth[key]
            self._wait(key, now, min(max(rest * PATIENCE, TICK), SLOWEST))

    def is_steady(self, key: Key) -> bool:
        """Return whether a key grows so fast and steadily that each look finds something new."""
        return self._grown.get(key, 0) >= STEADY_LOOKS

    def wake(self, key: Key, now: float) -> None:
        """Make a key due at once, or a tick after its last look if that was just now.

        So a storm of announcements costs no more looks than a live file does. An unknown key is
        none of ours, and one that was slowed down keeps its pace.
        """
        tick = None if key in self._least else self._tick_of.get(key)
        if tick is None or tick * TICK <= now + TICK:
            return
        self._stop_waiting(key)
        since_look = now - self._last_look[key]
        if since_look >= TICK:
            self._ready[key] = None
        else:
            self._wait(key, now, TICK - since_look)

    def next_due(self, now: float) -> float:
        """Return when the next key is due, `now` if one is; infinity if there is none."""
        if self._ready:
            return now
        return max(now, self._next_tick() * TICK)

    def _next_tick(self) -> float:
        """Return the first tick that a key waits for, infinity if none does."""
        while self._ticks and not self._waiting[self._ticks[0]]:
            del self._waiting[heapq.heappop(self._ticks)]
        return self._ticks[0] if self._ticks else inf

    def _wait(self, key: Key, now: float, seconds: float) -> None:
        if least := self._least.get(key):
            seconds = max(seconds, least - now % least)
        tick = int((now + seconds) / TICK)
        if tick * TICK <= now:  # by a rounding error of the division
            tick += 1
        self._tick_of[key] = tick
        if tick not in self._waiting:
            self._waiting[tick] = {}
            heapq.heappush(self._ticks, tick)
        self._waiting[tick][key] = None

    def _stop_waiting(self, key: Key) -> None:
        tick = self._tick_of.pop(key, None)
        if tick is not None:
            del self._waiting[tick][key]
