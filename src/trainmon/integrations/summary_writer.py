"""A stand-in for ``torch.utils.tensorboard.SummaryWriter``, for scripts that have one already.

Change the import, and the script's scalars go to a run of trainmon's. It needs neither torch nor
TensorBoard.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, SupportsFloat

from trainmon.integrations.ending import AtExit
from trainmon.record import EventKind
from trainmon.writer import Writer

if TYPE_CHECKING:  # needed by annotations alone
    from types import TracebackType


class SummaryWriter:
    """Takes what a script tells TensorBoard and keeps its numbers, settings and texts.

    The arguments are those of TensorBoard's; nothing is queued, so `max_queue`, `flush_secs` and
    `filename_suffix` mean nothing. `log_dir` is the run's folder, ``runs/<time>_<host><comment>``
    if not given; one that holds a run is left alone and ``<log_dir>-2`` taken. With `purge_step`
    the run in it is resumed from that step. `options` are those of `trainmon.Writer`.

    Each call appends a line; two lines of one step are read as one. Histograms, images, graphs and
    the like are accepted and not kept, which is told once. ``walltime`` is not kept either: a line
    bears the time at which it was written.

    **Steps.** TensorBoard gives each tag an axis of its own, a run of trainmon's has one. A tag
    that counts something slower, such as epochs, is placed at the step that the training stands
    at, which is the highest told; only a tag that falls behind *itself* says that steps were done
    anew. So a tag whose values come in one go, after those of another, lands on the last step.

    Raises `WriterError` if the folder cannot be written to; after that nothing raises.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as logs, SummaryWriter(f"{logs}/baseline") as writer:
    ...     writer.add_scalar("Loss/train", 0.5, global_step=10)
    ...     writer.add_scalars("Accuracy", {"train": 0.8, "val": 0.7}, global_step=10)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,  # noqa: ARG002 - TensorBoard's signature
        flush_secs: float = 120,  # noqa: ARG002 - likewise
        filename_suffix: str = "",  # noqa: ARG002 - likewise
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        resumes = {} if purge_step is None else {"resume": True}
        self._log = Writer(log_dir or _folder_of_now(comment), **{**resumes, **options})
        self._front: float = float("-inf")
        # The last step of each tag that stands on the run's axis.
        self._reached: dict[str, float] = {}
        self._at_exit = AtExit()
        self._at_exit.end(self._log, otherwise=self._log.finish)
        if purge_step is not None:
            self._log.event(EventKind.RESUME, step=purge_step)

    @property
    def log(self) -> Writer:
        """The writer behind it, for what TensorBoard has no word for."""
        return self._log

    @property
    def log_dir(self) -> str:
        """The folder in fact written to."""
        return self._log.folder

    def get_logdir(self) -> str:
        """Return the folder in fact written to."""
        return self.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: object,
        global_step: SupportsFloat | None = None,
        walltime: float | None = None,  # noqa: ARG002 - as the class says
        new_style: bool = False,  # noqa: ARG002, FBT001, FBT002 - TensorBoard's signature
        double_precision: bool = False,  # noqa: ARG002, FBT001, FBT002 - likewise
    ) -> None:
        """Log one number: Python's, numpy's or a 0-d tensor, also on a GPU."""
        self._log.log({tag: scalar_value}, step=self._placed(tag, global_step))

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, object],
        global_step: SupportsFloat | None = None,
        walltime: float | None = None,  # noqa: ARG002 - as the class says
    ) -> None:
        """Log several numbers as ``<main_tag>/<tag>``."""
        self._log.log({main_tag: tag_scalar_dict}, step=self._placed(main_tag, global_step))

    def add_hparams(
        self,
        hparam_dict: Mapping[str, object],
        metric_dict: Mapping[str, object],
        hparam_domain_discrete: object = None,  # noqa: ARG002 - domains are no setting of the run
        run_name: str | None = None,  # noqa: ARG002 - the run has its name from its folder
        global_step: SupportsFloat | None = None,
    ) -> None:
        """Add to the configuration, and log the metrics it led to, at the last step if none."""
        self._log.configure(hparam_dict)
        step = self._log.step if global_step is None else self._placed("hparams", global_step)
        if metric_dict:
            self._log.log(metric_dict, step=step)

    def add_text(
        self,
        tag: str,
        text_string: str,
        global_step: SupportsFloat | None = None,
        walltime: float | None = None,  # noqa: ARG002 - as the class says
    ) -> None:
        """Log a note."""
        step = self._placed(tag, global_step)
        self._log.event(EventKind.NOTE, step=step, tag=tag, text=text_string)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Accept whatever else TensorBoard can be told, whichever version a script was made for."""
        if not name.startswith("add_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def ignore(*_: object, **__: object) -> None:
            kept = "of a SummaryWriter's calls it keeps scalars, hparams and texts"
            self._log.tell(SummaryWriter, f"{name}() is ignored: {kept}")

        return ignore

    def flush(self) -> None:
        """Wait until values from a GPU have arrived; all else is written at once anyway."""
        self._log.settle()

    def close(self) -> None:
        """Finish the run; what is added after that is lost, and counted in ``log.dropped``."""
        self._at_exit.call_off()
        self._log.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        self._at_exit.call_off()
        self._log.__exit__(kind, error, traceback)

    def _placed(self, tag: str, step: SupportsFloat | None) -> SupportsFloat | None:
        """Return where on the run's one axis a tag stands that counts `step`."""
        try:
            own = step if isinstance(step, int) else float(step)  # type: ignore[arg-type]  # no None
        except (TypeError, ValueError):
            return step  # log() tells what is wrong with it
        goes_back = own < self._reached.get(tag, own)
        if own < self._front and not goes_back:
            # A counter of its own: where that begins anew does not concern the others either.
            self._reached.pop(tag, None)
            return self._front
        self._reached[tag] = self._front = own
        return step


def _folder_of_now(comment: str) -> str:
    """Return the folder that TensorBoard would take."""
    return f"runs/{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}"
