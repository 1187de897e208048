"""What a process needs for its own part of a step: from the batch in hand to before the exchange.

Processes that average their gradients end each step together, so that the time of a step is the
same on all of them, whichever is slow. What tells them apart is the time that each needs up to the
end of its own backward pass: DistributedDataParallel begins to wait for the others behind it.
"""

from collections import deque
from collections.abc import Callable
from itertools import starmap
from math import inf
from time import perf_counter
from typing import Any, Protocol, Self

import torch
from torch import nn

from trainmon.writer.journal import Journal

_WAITING = 16
"""Steps whose times a GPU may still owe: it is a few steps late at most."""


class Clock(Protocol):
    """Marks moments and tells the time between two of them."""

    def begin(self, handed: float | None) -> Any:  # noqa: ANN401 - a mark of its own kind
        """Return the mark of the moment at which a batch was handed over; of now if None."""

    def mark(self) -> Any:  # noqa: ANN401 - as above
        """Return the mark of now."""

    def between(self, one: Any, other: Any) -> float | None:  # noqa: ANN401 - as above
        """Return the seconds between two marks; None while that is not known."""


class HostClock:
    """Marks moments of the training thread: on a CPU, that is when things are done."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now

    def begin(self, handed: float | None) -> float:
        """Return when a batch was handed over."""
        return self._now() if handed is None else handed

    def mark(self) -> float:
        """Return the time."""
        return self._now()

    def between(self, one: float, other: float) -> float:
        """Return the seconds between two moments."""
        return other - one


class DeviceClock:
    """Marks places in the stream of work of a GPU, which is done later; nothing waits for it."""

    def begin(self, handed: float | None) -> "torch.cuda.Event":
        """Return an event at the place of now: what came before was of the step before."""
        del handed
        return self.mark()

    def mark(self) -> "torch.cuda.Event":
        """Return an event at the place of now."""
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]  # torch's own
        event.record()
        return event

    def between(self, one: "torch.cuda.Event", other: "torch.cuda.Event") -> float | None:
        """Return the seconds from one event to another, if the GPU has passed both."""
        if not other.query():  # type: ignore[no-untyped-call]  # as above
            return None
        milliseconds: float = one.elapsed_time(other)
        return milliseconds / 1000


class OwnTime:
    """Measures forward and backward passes of a step up to the exchange; several are added up."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._begin: Any = None
        self._handed = -inf
        """When the batch was handed over that the last pass had."""
        self._passes: list[tuple[Any, Any]] = []
        self._waiting: deque[list[tuple[Any, Any]]] = deque(maxlen=_WAITING)

    @classmethod
    def of(cls, journal: Journal, model: nn.Module) -> Self | None:
        """Return what measures a model that exchanges gradients with those of other processes.

        None for others, and for devices whose work cannot be timed without waiting for it.
        """
        dist = torch.distributed
        if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
            return None
        devices = {parameter.device.type for parameter in model.parameters()}
        if devices == {"cpu"}:
            return cls(journal, HostClock())
        return cls(journal, DeviceClock()) if devices == {"cuda"} else None

    def forward_begins(self, module: nn.Module, _: object) -> None:
        """Take note of a forward pass in training; evaluations are no part of a step."""
        if not (module.training and torch.is_grad_enabled()):
            return
        handed = self._journal.seen[-1].handed if self._journal.seen else -inf
        if self._begin is None or handed > self._handed:
            is_new = handed > self._handed
            self._begin = self._clock.begin(handed if is_new else None)
            self._handed = max(self._handed, handed)

    def backward_ends(self) -> None:
        """Take note that this process has done its part of a pass."""
        if self._begin is not None:
            self._passes.append((self._begin, self._clock.mark()))
            self._begin = None

    def step_ended(self) -> float | None:
        """Return the time of the last step of which it is known by now."""
        self._waiting.append(self._passes)
        self._passes, self._begin = [], None
        known = None
        while self._waiting:
            times = list(starmap(self._clock.between, self._waiting[0]))
            if None in times:
                break
            self._waiting.popleft()
            known = sum(time for time in times if time is not None) if times else known
        return known
