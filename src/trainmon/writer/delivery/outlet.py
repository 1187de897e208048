"""Where lines leave: straight into the file, or through the outbox where some have to wait."""

import os
from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from trainmon.writer.copies import MakeTransfer, device_of
from trainmon.writer.draft import Draft
from trainmon.writer.guard import Guard
from trainmon.writer.line_file import LineFile
from trainmon.writer.losses import Losses

if TYPE_CHECKING:  # most scripts never need one
    from trainmon.writer.delivery.outbox import Outbox
    from trainmon.writer.delivery.parcel import Parcel, Ticket

_SLOW = (
    "writes here take over 200 us, so a background thread does them: at most a second is at risk"
)


class Outlet:
    """The one way to a run's file, so that its lines keep their order."""

    __slots__ = (
        "__weakref__",
        "_clock",
        "_file",
        "_first",
        "_losses",
        "_make_transfer",
        "_maker",
        "_outbox",
        "_timer",
    )

    def __init__(
        self,
        file: LineFile,
        losses: Losses,
        *,
        clock: Callable[[], float],
        timer: Callable[[], float],
        make_transfer: MakeTransfer,
    ) -> None:
        """Write to `file` and tell `losses` what was lost.

        `clock` tells Unix seconds, `timer` seconds since whenever; `make_transfer` begins
        transfers from devices.
        """
        self._file = file
        self._losses = losses
        self._clock = clock
        self._timer = timer
        self._make_transfer = make_transfer
        self._maker = os.getpid()
        self._outbox: Outbox | None = None
        self._first: dict[str, Outbox] = {}

    def write(self, line: bytes, now: float) -> None:
        """Write `line` at `now` (Unix seconds), or when those before it have been.

        Raises `OSError` if it is lost.
        """
        if self._outbox is None:
            if self._file.append(line, now):
                self._fall_behind()
        else:
            from trainmon.writer.delivery.parcel import LineParcel  # noqa: PLC0415 - see TYPE_CHECKING

            self._put(LineParcel(line))

    def write_draft(self, draft: Draft, whole: Callable[[Draft], None]) -> None:
        """Write `draft` when its values have arrived; `whole` gets it then."""
        from trainmon.writer.delivery.parcel import DraftParcel  # noqa: PLC0415 - as above

        self._put(DraftParcel(draft, self._packed, self._losses.leave_out, whole))

    def fetch(self, tensor: Any, then: Callable[[list[float]], None], guard: Guard) -> None:  # noqa: ANN401 - of any library
        """Bring the values of a 1-D tensor to the host, and give them to `then` within `guard`."""
        if device_of(tensor) is None:
            with guard:
                then(tensor.tolist())
            return
        from trainmon.writer.delivery.parcel import FetchParcel  # noqa: PLC0415 - as above

        self._put(FetchParcel(self._packed(tensor), then, guard))

    def settle(self) -> None:
        """Wait until everything that waits has arrived and is written."""
        if self._outbox is not None:
            self._outbox.settle()

    def close(self, why: str) -> None:
        """Settle, and write nothing more; `why` is told to those who try."""
        if self._outbox is not None:
            self._outbox.close()
        self._file.close(why)

    def _put(self, parcel: "Parcel") -> None:
        outbox = self._box()
        if outbox.foreign:  # a forked child, whose lines wait for nothing
            self._file.append(parcel.line(), self._clock())
            parcel.done()
        else:
            outbox.put(parcel)

    def _packed(self, tensor: Any) -> "Ticket":  # noqa: ANN401 - as above
        return self._box().pack(device_of(tensor), tensor, prod(tensor.shape))

    def _fall_behind(self) -> None:
        if os.getpid() == self._maker and (box := self._box()).attended:
            self._losses.tell("slow", _SLOW)
            box.behind = True

    def _box(self) -> "Outbox":
        return self._outbox or self._made_box()

    def _made_box(self) -> "Outbox":
        from weakref import finalize  # noqa: PLC0415 - see TYPE_CHECKING

        from trainmon.writer.delivery.outbox import Outbox  # noqa: PLC0415 - as above
        from trainmon.writer.delivery.postman import serve  # noqa: PLC0415 - as above

        # The thread must not keep the writer alive, so it knows the file alone.
        file, clock = self._file, self._clock
        outbox = Outbox(
            lambda block: file.append(block, clock()),
            self._losses.drop,
            make_transfer=self._make_transfer,
            timer=self._timer,
            owner=self._maker,
        )
        # Of threads that log their first values at once, one makes the box of all.
        self._outbox = kept = self._first.setdefault("box", outbox)
        if kept is outbox and not outbox.foreign:
            serve(outbox)
            finalize(self, outbox.abandon).atexit = False  # then the script's own thread settles
        return kept
