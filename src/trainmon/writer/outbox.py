"""Keeps lines in order while some wait: for values from a device, or for a slow disk.

A script on a fast disk that logs plain numbers never gets here. Else one background thread sees to
it that nothing waits longer than a second; a full box makes its owner wait rather than lose lines.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from trainmon.record import LINE_LIMIT
from trainmon.writer.copies import MakeTransfer
from trainmon.writer.line_file import LostError
from trainmon.writer.parcel import Parcel, Shipment, Ticket

_SEND_AFTER = 0.1
"""Seconds for which values are collected into one shipment: ten transfers a second cost a
training nothing, and their values are there within a fifth of one."""

_LOOK_EVERY = 0.05
"""Seconds between two looks of the thread at what waits."""

_AT_RISK = 1.0
"""Seconds that a line may wait, and so be lost with the process."""

_ROOM = 10_000
"""Parcels that may wait: a second's worth at the highest rate that scripts log at."""

_AT_ONCE = 500
"""Lines written in one call where they pile up: a slow disk takes its time per call, not per
byte."""


class Outbox:
    """Parcels on their way to `append`, in order.

    Any thread may put; whoever holds the turn writes. Nobody waits for the turn but one who finds
    the box full, or settles it. A forked child has no part in it, as `foreign` tells: the thread
    is not there, and locks may be held by nobody.
    """

    def __init__(
        self,
        append: Callable[[bytes], None],
        drop: Callable[[Exception], None],
        *,
        make_transfer: MakeTransfer,
        timer: Callable[[], float],
    ) -> None:
        """Write with `append`, whose failures `drop` is told; `timer` tells seconds."""
        self.behind = False
        """Whether the background thread alone writes, as the disk is slow."""
        self._append = append
        self._drop = drop
        self._make_transfer = make_transfer
        self._timer = timer
        self._parcels: deque[tuple[float, Parcel]] = deque()
        self._open: dict[Any, Shipment] = {}
        # Both may be taken again by their holder: the handler of a signal logs too.
        self._packing = threading.RLock()
        self._turn = threading.RLock()
        self._wake = threading.Event()
        self._owner = os.getpid()
        self._closed = threading.Event()

    @property
    def foreign(self) -> bool:
        """Whether this is a forked child of the process whose box it is."""
        return os.getpid() != self._owner

    def pack(self, device: Any, tensor: Any, size: int) -> Ticket:  # noqa: ANN401 - of any library
        """Copy a tensor of `size` values on its device and return where they will be found."""
        with self._packing:
            if device not in self._open:
                self._open[device] = Shipment(self._make_transfer(device), self._timer())
            return self._open[device].add(tensor, size)

    def put(self, parcel: Parcel) -> None:
        """Add a parcel, and write what can be written without waiting.

        Raises `LostError` where the disk has taken nothing for a second.
        """
        now = self._timer()
        if len(self._parcels) >= _ROOM:
            self._make_room(wait=True)
        elif self._is_late(now):
            self._make_room(wait=False)
        self._parcels.append((now, parcel))
        if not self.behind:
            self.step()
        if self._parcels and not self._wake.is_set():
            self._wake.set()

    def step(self) -> None:
        """Send what was collected for long enough, and write what is ready, unless another does."""
        self._send(older_than=_SEND_AFTER)
        while self._front_is_ready() and self._turn.acquire(blocking=False):
            try:
                self._drain(wait=False)
            finally:
                self._turn.release()

    def settle(self) -> None:
        """Wait until everything has arrived and is written."""
        if not self.foreign:
            self._send(older_than=0.0)
            with self._turn:
                self._drain(wait=True)

    def close(self) -> None:
        """Settle, and end the thread."""
        self._closed.set()
        self.settle()
        self._wake.set()

    def attend(self) -> bool:
        """Do the thread's part once; return whether there may be more to do."""
        self._wake.wait()
        self._closed.wait(_LOOK_EVERY)
        self._wake.clear()
        self.step()
        if self._parcels:
            self._wake.set()
        return not self._closed.is_set()

    def _is_late(self, now: float) -> bool:
        """Whether the disk keeps the front waiting.

        A value that is not there yet does not count: a training runs ahead of its GPU by as much
        as a step, and a step may take seconds.
        """
        try:
            since = self._parcels[0][0]
        except IndexError:
            return False
        return now - since > _AT_RISK and self._front_is_ready()

    def _make_room(self, *, wait: bool) -> None:
        if not self._turn.acquire(timeout=_AT_RISK):
            raise LostError("the disk has not taken a line for a second")
        try:
            self._drain(wait=wait)
        finally:
            self._turn.release()

    def _send(self, older_than: float) -> None:
        with self._packing:
            now = self._timer()
            for device, shipment in list(self._open.items()):
                if now - shipment.since >= older_than:
                    del self._open[device]
                    shipment.send()

    def _front_is_ready(self) -> bool:
        try:
            parcel = self._parcels[0][1]
        except IndexError:
            return False
        return all(ticket.shipment.ready() for ticket in parcel.tickets)

    def _drain(self, *, wait: bool) -> None:
        """Write from the front what is ready, or everything; the turn is this thread's."""
        while parcels := self._taken(wait=wait):
            for lines in _blocks(parcel.line() for parcel in parcels):
                self._write(lines)
            for parcel in parcels:
                parcel.done()

    def _taken(self, *, wait: bool) -> list[Parcel]:
        """Take parcels from the front: all that may go at once where a disk is slow, else one."""
        taken: list[Parcel] = []
        most = _AT_ONCE if self.behind else 1
        while len(taken) < most and self._parcels and (wait or self._front_is_ready()):
            taken.append(self._parcels.popleft()[1])
        return taken

    def _write(self, lines: list[bytes]) -> None:
        try:
            self._append(b"".join(lines))
        except Exception as error:  # noqa: BLE001 - nothing stops the training
            for _ in lines:
                self._drop(error)


def _blocks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield lines to be written in one call: as many as one line may be long."""
    block: list[bytes] = []
    size = 0
    for line in filter(None, lines):
        if block and size + len(line) > LINE_LIMIT:
            yield block
            block, size = [], 0
        block.append(line)
        size += len(line)
    if block:
        yield block
