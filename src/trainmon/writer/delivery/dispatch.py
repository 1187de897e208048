"""Collects values from devices into shipments, and lets those go when it is time."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from trainmon.writer.copies import MakeTransfer
from trainmon.writer.delivery.parcel import Shipment, Ticket

AFTER = 0.1
"""Seconds for which values are collected into one shipment: ten transfers a second cost a
training nothing, and their values are there within a fifth of one."""


class Dispatch:
    """The shipments that are being filled. Any thread may call, and the handler of a signal."""

    def __init__(self, make_transfer: MakeTransfer, timer: Callable[[], float]) -> None:
        """Begin transfers by `make_transfer`; `timer` tells seconds."""
        self._make_transfer = make_transfer
        self._timer = timer
        # One per device, or two, if a handler has begun one while another was begun.
        self._open: list[Shipment] = []
        # It may be taken again by its holder, as by such a handler.
        self._packing = threading.RLock()

    def pack(self, device: Any, tensor: Any, size: int) -> Ticket:  # noqa: ANN401 - of any library
        """Copy a tensor of `size` values on its device and return where they will be found."""
        with self._packing:
            ticket = None
            while ticket is None or ticket.shipment.gone:  # a handler has sent it meanwhile
                ticket = self._shipment(device).add(tensor, size)
            return ticket

    def pack_alone(self, device: Any, tensor: Any, size: int) -> Ticket:  # noqa: ANN401 - as above
        """Pack and send at once: in a forked child the lock may be held by nobody."""
        shipment = Shipment(device, self._make_transfer(device), self._timer())
        ticket = shipment.add(tensor, size)
        shipment.send()
        return ticket

    def send(self, older_than: float = AFTER) -> None:
        """Let go what was begun so many seconds ago."""
        with self._packing:
            now = self._timer()
            for shipment in list(self._open):
                if now - shipment.since >= older_than:
                    shipment.send()
                    with contextlib.suppress(ValueError):
                        self._open.remove(shipment)

    def _shipment(self, device: Any) -> Shipment:  # noqa: ANN401 - as above
        for shipment in self._open:
            if shipment.device == device and not shipment.gone:
                return shipment
        shipment = Shipment(device, self._make_transfer(device), self._timer())
        self._open.append(shipment)
        return shipment
