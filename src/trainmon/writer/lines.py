"""The core of the writer: lines in order, whatever the values, the disk and the caller do."""

import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal, SupportsFloat

from trainmon.errors import NonFiniteLossError
from trainmon.record import EventKind
from trainmon.writer.audience import Audience
from trainmon.writer.beside import Beside
from trainmon.writer.delivery.outlet import Outlet
from trainmon.writer.draft import Draft, draft_of
from trainmon.writer.event_line import event_line
from trainmon.writer.losses import Losses
from trainmon.writer.metrics_line import quick_line
from trainmon.writer.opening import Opened
from trainmon.writer.place import Place
from trainmon.writer.seen import KEPT, SeenBatch
from trainmon.writer.steps import Steps

OnNonFinite = Literal["log", "stop", "raise"]


class Lines(Place):
    """Lines of metrics and of events, in order. Nothing raises or waits; any thread may call."""

    __slots__ = (
        "_attended",
        "_audience",
        "_beside",
        "_clock",
        "_closed",
        "_config",
        "_maker",
        "_on_nonfinite",
        "_outlet",
        "_steps",
        "seen",
    )

    def __init__(
        self,
        opened: Opened,
        outlet: Outlet,
        losses: Losses,
        *,
        clock: Callable[[], float],
        on_nonfinite: OnNonFinite,
    ) -> None:
        """Write to the opened run through `outlet`."""
        super().__init__(opened, losses)
        self._outlet = outlet
        self._clock = clock
        self._on_nonfinite = on_nonfinite
        self._maker = os.getpid()
        self._closed = False
        self._config = dict(opened.config)
        self._steps = Steps()
        self._beside = Beside()
        self._audience = Audience()
        self._attended = False
        self.seen: deque[SeenBatch] = deque(maxlen=KEPT)
        """The batches that the loop got last, the newest at the end."""

    @property
    def nonfinite_loss(self) -> str | None:
        """The name of the first loss that was NaN or infinite."""
        return self._audience.nonfinite_loss

    @property
    def step(self) -> float | None:
        """The last step that the script told, or None before the first."""
        return self._steps.told

    def log(
        self,
        metrics: Mapping[str, object] | None = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        **more: object,
    ) -> None:
        """Append the metrics of one step: numbers by name, also numpy's and tensors of one element.

        Nested mappings become names joined with ``/``. `step` counts optimizer steps done; it and
        `epoch` may also stand among the metrics. A value on a GPU is copied without waiting for
        it, and its line written, in order, when it has arrived: within a second.

        Costs 2 us for ten numbers; 40 us more for a value on a GPU, 10 for each further one. Raises
        nothing, unless the writer was made with ``on_nonfinite="raise"``: what is no single number
        is left out and counted in `left_out`, a line that cannot be written in `dropped`.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.log({"train/loss": 0.5, "lr": 3e-4}, step=1)
        ...     log.log({"val": {"loss": 0.4, "f1": 0.7}}, step=1, epoch=1)
        """
        try:
            if metrics is None:
                metrics = more
            elif more:
                metrics = {**metrics, **more}
            if step is not None:
                self._stepped(step, epoch)
            elif isinstance(metrics, dict) and "step" in metrics:
                self._stepped(metrics["step"], metrics.get("epoch"))
            position = _position(step, epoch, now := self._clock())
            if self._attended:
                self._log_attended(metrics, position, now)
            elif (line := quick_line(metrics, position)) is not None:
                self._outlet.write(line, now)
                return
            else:
                self._log_drafted(metrics, position, now)
        except Exception as error:  # noqa: BLE001 - training goes on whatever becomes of its log
            self._losses.drop(error)
        self._raise_nonfinite()

    def event(
        self,
        kind: str,
        /,
        *,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        **fields: object,
    ) -> None:
        """Append an event, such as a checkpoint; `record.EventKind` lists those that are known.

        The fields may be anything: what JSON has no form for is kept as text, a tensor on a GPU is
        waited for. Costs about 10 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.event("note", step=1, text="halved the learning rate by hand")
        """
        try:
            position = _position(step, epoch, now := self._clock())
            line = event_line(kind, fields, position, self._losses.leave_out)
            self._outlet.write(line, now)
        except Exception as error:  # noqa: BLE001 - as in `log`
            self._losses.drop(error)

    def settle(self) -> None:
        """Wait until all that was logged and fetched so far has arrived and is written.

        Costs nothing where nothing waits, else as long as a GPU has to compute. Raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.log({"train/loss": 0.5}, step=1)
        ...     log.settle()
        """
        with self.guard("settle"):
            self._outlet.settle()

    def _close(self, kind: EventKind, fields: Mapping[str, Any]) -> None:
        if self._closed:
            return
        self._closed = True
        # A forked child that leaves the `with` block has not finished its parent's run.
        if os.getpid() == self._maker:
            self.settle()  # what arrives now may be told beside the rest
            self._log_beside(self._steps.at_the_end())
            self.event(kind, **{"step": self.step, **fields})
        with self.guard("finish"):
            self._outlet.close("the writer is finished")

    def _log_attended(
        self, metrics: Mapping[str, object], position: Mapping[str, object], now: float
    ) -> None:
        """Append a line that others have a part in, or an interest."""
        self._attended = bool(self._audience)
        if self._beside:
            metrics = {**self._beside.take(), **metrics}
        line = quick_line(metrics, position)
        if line is None:
            self._log_drafted(metrics, position, now)
            return
        self._outlet.write(line, now)
        with self.guard("listening"):
            self._audience.hear({**metrics, **position})

    def _log_drafted(
        self, metrics: Mapping[str, object], position: Mapping[str, object], now: float
    ) -> None:
        """Append a line whose values need to be looked at one by one."""
        draft = draft_of(metrics, position, self._losses.leave_out)
        if draft.on_device:
            self._outlet.write_draft(draft, self._whole)
        else:
            self._outlet.write(draft.encoded(), now)
            self._whole(draft)

    def _log_beside(self, step: float | None) -> None:
        if not (waiting := self._beside.take()):
            return
        try:
            position = _position(step, None, now := self._clock())
            self._log_drafted(waiting, position, now)
        except Exception as error:  # noqa: BLE001 - as in `log`
            self._losses.drop(error)

    def _whole(self, draft: Draft) -> None:
        """Look at the values of a line when all of them are there."""
        with self.guard("listening"):
            self._audience.look(draft)
        if self._audience.nonfinite_loss is not None and self._on_nonfinite == "raise":
            self._attended = True  # by which the next call raises, should this thread be another

    def _raise_nonfinite(self) -> None:
        name = self._audience.nonfinite_loss
        if name is not None and self._on_nonfinite == "raise":
            # The loop may go on after it has caught this one; the next one is told again.
            self._audience.nonfinite_loss = None
            raise NonFiniteLossError(name, self.step)

    def _stepped(self, step: SupportsFloat, epoch: SupportsFloat | None) -> None:
        if self._steps.tell(step, epoch):
            self.event(EventKind.NOTE, step=step, kind="step-back", text="the step went back")


def _position(
    step: SupportsFloat | None, epoch: SupportsFloat | None, now: float
) -> dict[str, SupportsFloat]:
    position: dict[str, SupportsFloat] = {} if step is None else {"step": step}
    if epoch is not None:
        position["epoch"] = epoch
    position["time"] = now
    return position
