"""What waits in the outbox: lines, and values that somebody asked for."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from trainmon.writer.copies import Transfer
from trainmon.writer.draft import Draft
from trainmon.writer.scalar import LeaveOut


class Shipment:
    """A transfer that is filled, sent once, and read by those who have a place in it."""

    __slots__ = ("_failure", "_sent", "_transfer", "since")

    def __init__(self, transfer: Transfer, since: float) -> None:
        self.since = since
        """When it was begun, in seconds."""
        self._transfer = transfer
        self._sent = False
        self._failure: Exception | None = None

    def add(self, tensor: Any, size: int) -> "Ticket":  # noqa: ANN401 - of whatever library
        """Copy a tensor of `size` values on its device and return where they will be found."""
        return Ticket(self, self._transfer.add(tensor), size)

    def send(self) -> None:
        """Let it go, unless it has gone; a device that fails is told to those who read."""
        if self._sent:
            return
        self._sent = True
        try:
            self._transfer.send()
        except Exception as error:  # noqa: BLE001 - whatever the device's library raises
            self._failure = error

    def ready(self) -> bool:
        """Return whether it has arrived, or never will."""
        try:
            return self._sent and (self._failure is not None or self._transfer.ready())
        except Exception as error:  # noqa: BLE001 - as above
            self._failure = error
            return True

    def values(self) -> list[float]:
        """Return what it brought, and wait for it if need be; raise what kept it from coming."""
        self.send()
        if self._failure is not None:
            raise self._failure
        return self._transfer.values()


class Ticket:
    """A place in a shipment: some of the values that it brings."""

    __slots__ = ("_size", "_start", "shipment")

    def __init__(self, shipment: Shipment, start: int, size: int) -> None:
        self.shipment = shipment
        self._start = start
        self._size = size

    def values(self) -> list[float]:
        """Return the values, and wait for them if need be."""
        return self.shipment.values()[self._start : self._start + self._size]


class Parcel(Protocol):
    """One thing that waits for its turn."""

    @property
    def tickets(self) -> Sequence[Ticket]:
        """What it waits for."""

    def line(self) -> bytes:
        """Return what to write, which may be nothing, once all has arrived."""

    def done(self) -> None:
        """Tell whoever wants to know; the line is written."""


class LineParcel:
    """A line that is complete."""

    __slots__ = ("_line",)

    tickets: Sequence[Ticket] = ()

    def __init__(self, line: bytes) -> None:
        self._line = line

    def line(self) -> bytes:
        """Return the line."""
        return self._line

    def done(self) -> None:
        """Nobody waits for it."""


class DraftParcel:
    """A line that waits for some of its values."""

    __slots__ = ("_draft", "_leave_out", "_names", "_whole", "tickets")

    def __init__(
        self,
        draft: Draft,
        tickets: Sequence[Ticket],
        leave_out: LeaveOut,
        whole: Callable[[Draft], None],
    ) -> None:
        """Expect the draft's values on devices by `tickets`; `whole` gets it when it is written."""
        self._draft = draft
        self._names = [several.names for several in draft.on_device]
        draft.on_device = []  # the tensors themselves are free to go
        self._leave_out = leave_out
        self._whole = whole
        self.tickets = tickets

    def line(self) -> bytes:
        """Fill in the values; those that a broken device does not give are left out."""
        for names, ticket in zip(self._names, self.tickets, strict=True):
            try:
                self._draft.arrive(names, ticket.values())
            except Exception as error:  # noqa: BLE001 - whatever the device's library raises
                self._draft.give_up(names)
                self._leave_out(names[0], error)
        return self._draft.encoded()

    def done(self) -> None:
        """Hand over the draft."""
        self._whole(self._draft)


class FetchParcel:
    """Values that somebody asked for; no line."""

    __slots__ = ("_then", "tickets")

    def __init__(self, ticket: Ticket, then: Callable[[list[float]], None]) -> None:
        self.tickets: Sequence[Ticket] = (ticket,)
        self._then = then

    def line(self) -> bytes:
        """Return nothing to write."""
        return b""

    def done(self) -> None:
        """Hand the values over."""
        self._then(self.tickets[0].values())
