"""What waits in the outbox: lines, and values that somebody asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from trainmon.record import LINE_LIMIT
from trainmon.writer.copies import Transfer
from trainmon.writer.draft import Draft
from trainmon.writer.guard import Guard
from trainmon.writer.scalar import LeaveOut


class Shipment:
    """A transfer that is filled, sent once, and read by those who have a place in it."""

    __slots__ = ("_arrived", "_failure", "_transfer", "_values", "device", "gone", "sent", "since")

    def __init__(self, device: Any, transfer: Transfer, since: float) -> None:  # noqa: ANN401 - of whatever library
        self.device = device
        """Where its values are."""
        self.since = since
        """When it was begun, in seconds."""
        self.gone = False
        """Whether nothing can be added any more."""
        self.sent = False
        """Whether it is on its way."""
        self._transfer = transfer
        self._arrived = False
        self._values: list[float] | None = None
        self._failure: Exception | None = None

    def add(self, tensor: Any, size: int) -> "Ticket":  # noqa: ANN401 - of whatever library
        """Copy a tensor of `size` values on its device and return where they will be found."""
        return Ticket(self, self._transfer.add(tensor), size)

    def send(self) -> None:
        """Let it go, unless it is gone; a device that fails is told to those who read."""
        if self.gone:
            return
        self.gone = True
        self._failure = InterruptedError("was interrupted on its way from the device")
        try:
            self._transfer.send()
            self._failure = None
        except Exception as error:  # noqa: BLE001 - whatever the device's library raises
            self._failure = error
        finally:
            self.sent = True

    def ready(self) -> bool:
        """Return whether it has arrived, or never will."""
        if self.sent and not self._arrived:
            try:
                self._arrived = self._failure is not None or self._transfer.ready()
            except Exception as error:  # noqa: BLE001 - as above
                self._failure = error
                self._arrived = True
        return self._arrived

    def values(self) -> list[float]:
        """Return what it brought, and wait for it if need be; raise what kept it from coming.

        It has been sent.
        """
        if self._failure is not None:
            raise self._failure
        if self._values is None:  # a hundred readers, of whom each has one of a hundred
            self._values = self._transfer.values()
        return self._values


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
        """Tell whoever wants to know; the line is written. Raises nothing."""


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
        pack: Callable[[Any], Ticket],
        leave_out: LeaveOut,
        whole: Callable[[Draft], None],
    ) -> None:
        """Expect the draft's values on devices, once packed; `whole` gets it when it is written."""
        self._draft = draft
        tickets: list[Ticket] = []
        self._names: list[Sequence[str]] = []
        for names, tensor in draft.on_device:
            try:
                tickets.append(pack(tensor))
                self._names.append(names)
            except Exception as error:  # noqa: BLE001 - the device may have no memory left
                draft.give_up(names)
                leave_out(names[0], error)
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

    __slots__ = ("_guard", "_then", "tickets")

    def __init__(self, ticket: Ticket, then: Callable[[list[float]], None], guard: Guard) -> None:
        """Give the values to `then`; `guard` keeps what fails by that from others."""
        self.tickets: Sequence[Ticket] = (ticket,)
        self._then = then
        self._guard = guard

    def line(self) -> bytes:
        """Return nothing to write."""
        return b""

    def done(self) -> None:
        """Hand the values over."""
        with self._guard:
            self._then(self.tickets[0].values())


def blocks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
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
