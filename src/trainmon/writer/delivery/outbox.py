"""Keeps lines in order while some wait: for values from a device, or for a slow disk.

A script on a fast disk that logs plain numbers never gets here. Else one background thread sees to
it that nothing waits longer than a second; a full box makes its owner wait rather than lose lines.
"""

import os
import threading
from collections import deque
from collections.abc import Callable
from time import sleep
from typing import Any

from trainmon.writer.copies import MakeTransfer
from trainmon.writer.delivery.bell import Bell
from trainmon.writer.delivery.dispatch import Dispatch
from trainmon.writer.delivery.parcel import Parcel, Ticket, blocks
from trainmon.writer.line_file import LostError

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

    Any thread may put, and so may the handler of a signal in the midst of anything here: locks may
    be taken again by their holder, and a parcel stays in the box until it is written; what is
    being written as a signal comes may be written twice, rather than never. Whoever holds the turn
    writes. Nobody waits for the turn but one who finds the box full, or settles it. A forked child
    has no part in it, as `foreign` tells: the thread is not there, and locks may be held by nobody.
    """

    def __init__(
        self,
        append: Callable[[bytes], object],
        drop: Callable[[Exception], None],
        *,
        make_transfer: MakeTransfer,
        timer: Callable[[], float],
        owner: int,
    ) -> None:
        """Write with `append`, whose failures `drop` is told; `timer` tells seconds.

        `owner` is the id of the process whose box it is.
        """
        self.attended = False
        """Whether there is a background thread."""
        self.behind = False
        """Whether that thread alone writes, as the disk is slow."""
        self._append = append
        self._drop = drop
        self._dispatch = Dispatch(make_transfer, timer)
        self._timer = timer
        self._owner = owner
        self._parcels: deque[tuple[float, Parcel]] = deque()
        self._turn = threading.RLock()
        self._draining = False
        self._stuck = False
        self._closed = False
        self._bell = Bell()

    @property
    def foreign(self) -> bool:
        """Whether this is a forked child of the process whose box it is."""
        return os.getpid() != self._owner

    def pack(self, device: Any, tensor: Any, size: int) -> Ticket:  # noqa: ANN401 - of any library
        """Copy a tensor of `size` values on its device and return where they will be found."""
        pack = self._dispatch.pack_alone if self.foreign else self._dispatch.pack
        return pack(device, tensor, size)

    def put(self, parcel: Parcel) -> None:
        """Add a parcel, and write what can be written without waiting.

        Raises `LostError` where the box is full and the disk has taken nothing for a second.
        """
        now = self._timer()
        if len(self._parcels) >= _ROOM:
            self._make_room()
        elif self._is_late(now):
            self.step()
        self._parcels.append((now, parcel))
        if self._closed and not self._draining:  # nobody else will write it
            self.settle()
        elif not self.behind:
            self.step()
        if self._parcels:
            self._bell.ring()

    def step(self) -> None:
        """Send what was collected for long enough, and write what is ready, unless another does.

        Who is writing already, and is called back by what was waited for, goes on after it.
        """
        self._dispatch.send()
        while self._front_is_ready() and not self._draining and self._turn.acquire(blocking=False):
            try:
                self._drain(len(self._parcels), wait=False)
            finally:
                self._turn.release()

    def settle(self) -> None:
        """Wait until everything that is in the box has arrived and is written."""
        left = 0 if self.foreign else len(self._parcels)
        drained = 1
        while drained and left > 0:
            self._dispatch.send(older_than=0.0)
            with self._turn:
                drained = self._drain(left, wait=True)
            left -= drained

    def close(self) -> None:
        """Settle, and end the thread; what is put from now on is written at once."""
        if not self.foreign:
            self.abandon()
            self.settle()

    def abandon(self) -> None:
        """Let the thread settle, and end; nobody will put anything."""
        self._closed = True
        self._bell.ring(again=True)

    def attend(self) -> bool:
        """Do the thread's part once; return whether there may be more to do."""
        self._bell.wait(collect=_LOOK_EVERY)
        self.step()
        if self._parcels:
            self._bell.ring()
        return not self._closed

    def _is_late(self, now: float) -> bool:
        """Whether the front has been kept waiting.

        A value that is not there yet does not count: a training runs ahead of its GPU by as much
        as a step, and a step may take seconds.
        """
        try:
            since = self._parcels[0][0]
        except IndexError:
            return False
        return now - since > _AT_RISK and self._front_is_ready()

    def _make_room(self) -> None:
        # A disk that is stuck is waited for once, not in every step of the training.
        patience = 0.0 if self._stuck else _AT_RISK
        if self.behind and self.attended:  # else a stuck disk would keep this thread, too
            while patience > 0.0 and len(self._parcels) >= _ROOM:
                patience -= _LOOK_EVERY
                sleep(_LOOK_EVERY)
        elif self._turn.acquire(timeout=patience):
            try:
                self._dispatch.send(older_than=0.0)
                self._drain(len(self._parcels), wait=True)
            finally:
                self._turn.release()
        if len(self._parcels) >= _ROOM:
            self._stuck = True
            raise LostError("the disk has not taken a line for a second")

    def _front_is_ready(self) -> bool:
        try:
            return _arrived(self._parcels[0][1])
        except IndexError:
            return False

    def _drain(self, most: int, *, wait: bool) -> int:
        """Write at most so many parcels from the front, as far as they are ready or worth a wait.

        Returns how many. The turn is this thread's.
        """
        drained = 0
        before, self._draining = self._draining, True
        try:
            while drained < most and (parcels := self._front(most - drained, wait=wait)):
                written = list(blocks(map(self._line, parcels)))
                # The handler of a signal may have written them meanwhile.
                if self._parcels and self._parcels[0][1] is parcels[0]:
                    for lines in written:
                        self._write(lines)
                for parcel in [parcel for parcel in parcels if self._take(parcel)]:
                    parcel.done()
                drained += len(parcels)
        finally:
            self._draining = before
        return drained

    def _front(self, most: int, *, wait: bool) -> list[Parcel]:
        """Return parcels from the front: all that may go at once where a disk is slow, else one."""
        front: list[Parcel] = []
        while len(front) < min(most, _AT_ONCE if self.behind else 1, len(self._parcels)):
            parcel = self._parcels[len(front)][1]
            if not (_sent(parcel) if wait else _arrived(parcel)):
                break
            front.append(parcel)
        return front

    def _take(self, parcel: Parcel) -> bool:
        """Take `parcel` from the front, if it is still there."""
        there = bool(self._parcels) and self._parcels[0][1] is parcel
        if there:
            self._parcels.popleft()
        return there

    def _line(self, parcel: Parcel) -> bytes:
        try:
            return parcel.line()
        except Exception as error:  # noqa: BLE001 - nothing stops the training
            self._drop(error)
            return b""

    def _write(self, lines: list[bytes]) -> None:
        try:
            self._append(b"".join(lines))
            self._stuck = False
        except Exception as error:  # noqa: BLE001 - as above
            for _ in lines:
                self._drop(error)


def _sent(parcel: Parcel) -> bool:
    return all(ticket.shipment.sent for ticket in parcel.tickets)


def _arrived(parcel: Parcel) -> bool:
    return all(ticket.shipment.ready() for ticket in parcel.tickets)
