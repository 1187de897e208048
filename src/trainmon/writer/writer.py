"""The writer: a training loop's side of trainmon."""

# ruff: noqa: PTH100, PTH119 - pathlib costs 4 ms to import

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, Self, SupportsFloat, SupportsIndex, TextIO

from trainmon.errors import WriterError
from trainmon.record import EventKind
from trainmon.writer.claim import claim
from trainmon.writer.ending import ending
from trainmon.writer.event_line import event_line
from trainmon.writer.header import header_line
from trainmon.writer.launcher import this_process
from trainmon.writer.line_file import LineFile
from trainmon.writer.losses import Losses
from trainmon.writer.metrics_line import metrics_line
from trainmon.writer.plain import settings, text

if TYPE_CHECKING:  # needed by annotations alone
    from types import TracebackType
    from typing import Any

_HINTS: dict[type[Exception], str] = {
    FileExistsError: "it is a file; give the run a folder of its own, such as logs/baseline",
    NotADirectoryError: "a part of the path is a file; give a folder, such as logs/baseline",
    PermissionError: "choose a folder that you may write to",
}
_OTHER_HINT = "choose a folder on a disk that is writable and has room"


class Writer:
    """Appends what a training run reports to its folder, one line per call.

    `folder` is the run's own folder, made if need be. A folder that holds another run is left
    alone and ``<folder>-2`` taken, unless `resume` is true or the launcher (torchrun, Slurm)
    started this process again after a failure. `config` is a mapping, dataclass or namespace of
    settings. `rank` and `world_size` are the launcher's if not given; each rank has a file of its
    own. `run` is the name shown, the folder's if not given. `clock` returns Unix seconds.

    Raises `WriterError`, with a hint, if the folder cannot be written to. After that nothing
    raises: what cannot be written is counted in `dropped` and `left_out`, told once on `stderr`,
    and training goes on. Any thread may log, and so may a forked child; only the process that made
    the writer finishes the run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
    ...     log.log({"train/loss": 0.5, "lr": 3e-4}, step=1)
    ...     log.event("checkpoint", step=1, path="best.pt", metric="val/f1", value=0.7)
    """

    __slots__ = (
        "__weakref__",
        "_claim",
        "_clock",
        "_closed",
        "_file",
        "_losses",
        "_maker",
        "_process",
        "_run",
    )

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        config: object = None,
        resume: bool = False,
        rank: SupportsIndex | None = None,
        world_size: SupportsIndex | None = None,
        run: str | None = None,
        clock: Callable[[], float] = time.time,
        stderr: TextIO | None = None,
    ) -> None:
        self._clock = clock
        self._closed = False
        self._maker = os.getpid()
        self._losses = Losses(stderr)
        self._process = this_process(os.environ, rank, world_size)
        fields = settings(config, self._losses.leave_out)
        now = clock()
        try:
            path = os.path.abspath(os.fsdecode(folder))
            self._claim = claim(path, self._process, resume=resume, now=now)
            self._run = os.path.basename(self._claim.folder) if run is None else text(run)
            header = header_line(
                self._process, run=self._run, config=fields, attempt=self._claim.attempt, now=now
            )
            self._file = LineFile(self._claim, header, self._losses.tell)
        except (OSError, TypeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            hint = _HINTS.get(type(error), _OTHER_HINT)
            raise WriterError(f"cannot log to {folder}: {reason}", hint=hint) from error

    @property
    def folder(self) -> str:
        """The folder in fact written to: the one asked for, or its neighbour if that was used."""
        return self._claim.folder

    @property
    def path(self) -> str:
        """The file of this process, ``rank<r>.jsonl`` in the folder."""
        return self._claim.path

    @property
    def run(self) -> str:
        """The name of the run."""
        return self._run

    @property
    def rank(self) -> int:
        """Which of the processes this is, from 0."""
        return self._process.rank

    @property
    def world_size(self) -> int | None:
        """How many processes train together; None if only the rank was told."""
        return self._process.world_size

    @property
    def attempt(self) -> int:
        """How often the run was resumed or restarted before."""
        return self._claim.attempt

    @property
    def dropped(self) -> int:
        """Lines that were lost: the disk was full, the file gone, or the writer finished."""
        return self._losses.dropped

    @property
    def left_out(self) -> int:
        """Values that were no single number, or had a reserved name; their lines were kept."""
        return self._losses.left_out

    def log(
        self,
        metrics: Mapping[str, object] | None = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        **more: object,
    ) -> None:
        """Append the metrics of one step: numbers by name, also numpy's and 0-d tensors.

        Nested mappings become names joined with ``/``. A tensor on a GPU is waited for, so log
        those every few steps. ``step`` and ``epoch`` may also stand among the metrics.
        """
        try:
            if metrics is None:
                metrics = more
            elif more:
                metrics = {**metrics, **more}
            position = _position(step, epoch, now := self._clock())
            line = metrics_line(metrics, position, self._losses.leave_out)
            self._file.append(line, now)
        except Exception as error:  # noqa: BLE001 - training goes on whatever becomes of its log
            self._losses.drop(error)

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

        The fields may be anything: what JSON has no form for is kept as text.
        """
        try:
            position = _position(step, epoch, now := self._clock())
            line = event_line(kind, fields, position, self._losses.leave_out)
            self._file.append(line, now)
        except Exception as error:  # noqa: BLE001 - as in `log`
            self._losses.drop(error)

    def finish(self, status: str = "finished") -> None:
        """Say that the run came to its end, and close the file; a second call does nothing.

        Without it nothing is lost, but readers cannot tell a run that ended from one that hangs.
        """
        self._close(EventKind.FINISH, {"status": status})

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
        self._close(*ending(error))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return the writer itself: a copied trainer goes on logging to the same run."""
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Writer belongs to the process that made it; make one in each process")

    def _close(self, kind: EventKind, fields: "Mapping[str, Any]") -> None:
        if self._closed:
            return
        self._closed = True
        # A forked child that leaves the `with` block has not finished its parent's run.
        if os.getpid() == self._maker:
            self.event(kind, **fields)
        self._file.close("the writer is finished")


def _position(
    step: SupportsFloat | None, epoch: SupportsFloat | None, now: float
) -> dict[str, SupportsFloat]:
    position: dict[str, SupportsFloat] = {} if step is None else {"step": step}
    if epoch is not None:
        position["epoch"] = epoch
    position["time"] = now
    return position
