"""The writer: a training loop's side of trainmon."""

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex, TextIO

from trainmon.record import EventKind
from trainmon.writer.copies import MakeTransfer, torch_transfer
from trainmon.writer.delivery.outlet import Outlet
from trainmon.writer.launcher import this_process
from trainmon.writer.lines import OnNonFinite
from trainmon.writer.losses import Losses
from trainmon.writer.measuring import Measuring
from trainmon.writer.opening import open_run
from trainmon.writer.origins.command import masked_settings
from trainmon.writer.plain import settings
from trainmon.writer.rarely import Rarely

if TYPE_CHECKING:  # needed by annotations alone
    from types import TracebackType

    from trainmon.writer.sampling.sampler import Sampler


class Writer(Measuring):
    """Appends what a training run reports to its folder, one line per call.

    `folder` is the run's own folder, made if need be. A folder that holds another run is left
    alone and ``<folder>-2`` taken, unless `resume` is true or the launcher (torchrun, Slurm)
    started this process again after a failure. `config` is a mapping, dataclass or namespace of
    settings. `rank` and `world_size` are the launcher's if not given; each rank has a file of its
    own. `run` is the name shown, the folder's if not given. `on_nonfinite` says what a NaN or
    infinite loss does: it is logged, makes `should_stop` true, or raises `NonFiniteLossError`.
    `expect` says beforehand what metrics must reach, such as ``{"val/f1": "> 0.1 by epoch 10"}``.
    `system_metrics` are the seconds between two samples of the machine, which a background thread
    then takes: how busy, full, hot and fast the GPUs of this process are, its memory and, on the
    first rank of each node, CPU, memory, disks and network of the host, as ``sys/...``. A sample
    takes 5 ms of that thread and 750 bytes of log; no step waits for it.
    `clock` returns Unix seconds, `timer` seconds since whenever, and `devices` begins transfers
    from accelerators; tests give their own.

    Raises `WriterError`, with a hint, if the folder cannot be written to, or what is given makes
    no sense. After that nothing
    raises: what cannot be written is counted in `dropped` and `left_out`, told once on `stderr`,
    and training goes on. Any thread may log, and so may a forked child; only the process that made
    the writer finishes the run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
    ...     log.log({"train/loss": 0.5, "lr": 3e-4}, step=1)
    ...     log.event("checkpoint", step=1, path="best.pt", metric="val/f1", value=0.7)
    """

    __slots__ = ("__weakref__", "_sampler")

    _sampler: "Sampler | None"

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        config: object = None,
        resume: bool = False,
        rank: SupportsIndex | None = None,
        world_size: SupportsIndex | None = None,
        run: str | None = None,
        on_nonfinite: OnNonFinite = "log",
        expect: Mapping[str, str] | None = None,
        system_metrics: float = 0.0,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        devices: MakeTransfer = torch_transfer,
        stderr: TextIO | None = None,
    ) -> None:
        losses = Losses(stderr)
        fields = masked_settings(settings(config, losses.leave_out))
        if expect is not None:
            from trainmon.writer.stopping import expectations  # noqa: PLC0415 - rarely needed

            fields["expect"] = dict(expectations(expect))
        seconds = None
        if system_metrics:
            from trainmon.writer.sampling.beginning import interval  # noqa: PLC0415 - likewise

            seconds = interval(system_metrics)
        opened = open_run(
            folder,
            this_process(os.environ, rank, world_size),
            fields,
            resume=resume,
            run=run,
            now=clock(),
            timer=timer,
            tell=losses.tell,
        )
        outlet = Outlet(opened.file, losses, clock=clock, timer=timer, make_transfer=devices)
        super().__init__(opened, outlet, losses, clock=clock, on_nonfinite=on_nonfinite)
        # What the classes above make when it is asked for.
        self._parts = self._checkpoints = self._decision = None
        self._inputs_due, self._outputs_due = Rarely(), Rarely()
        self._watches = {}
        self._sampler = None
        if seconds is not None:
            with self.guard("sampling the machine"):
                from trainmon.writer.sampling.beginning import begin_sampling  # noqa: PLC0415 - as above

                self._sampler = begin_sampling(self, seconds)

    def finish(self, status: str = "finished") -> None:
        """Say that the run came to its end, and close the file; a second call does nothing.

        Without it nothing is lost, but readers cannot tell a run that ended from one that hangs.
        `status` is "finished", or "failed" for one that came to nothing. Costs some 20 us and, if
        values are still on a GPU, the wait for them. Raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.log({"train/loss": 0.5}, step=1)
        ...     log.finish()
        """
        self._close(EventKind.FINISH, {"status": status})

    def _close(self, kind: EventKind, fields: Mapping[str, Any]) -> None:
        """Sample the machine no more, and close the file."""
        if self._sampler is not None:
            with self.guard("sampling the machine"):
                self._sampler.stop()
        super()._close(kind, fields)

    def close(self) -> None:
        """Finish the run; the name that files and sockets have for it."""
        self.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: "TracebackType | None",
    ) -> None:
        from trainmon.writer.ending import ending  # noqa: PLC0415 - once, and not at the start

        kind, fields = EventKind.EXCEPTION, dict[str, str]()
        with self.guard("telling the exception"):  # one may fail even at telling what it is
            kind, fields = ending(error)
        self._close(kind, fields)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return the writer itself: a copied trainer goes on logging to the same run."""
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Writer belongs to the process that made it; make one in each process")
