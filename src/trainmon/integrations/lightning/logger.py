"""The logger: what the script logs with ``self.log``."""

import os
import sys
import weakref
from argparse import Namespace
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Self

from trainmon.integrations.ending import tell_end
from trainmon.integrations.lightning.checkpoints import checkpoint_fields
from trainmon.integrations.lightning.namespaces import LightningModule, Logger, Trainer
from trainmon.integrations.lightning.naming import trainmon_names
from trainmon.integrations.lightning.opening import open_writer
from trainmon.integrations.lightning.progress import epochs_done, moment_of, steps_done
from trainmon.record import EventKind
from trainmon.writer import Writer

_WHAT = "TrainmonLogger"


class TrainmonLogger(Logger):
    """Logs what the script logs: ``Trainer(logger=TrainmonLogger("logs/baseline"))``.

    `folder` and `options` are those of `trainmon.Writer`. Names stay as the script gives them, but
    for the twins of ``on_step=True, on_epoch=True``: in training ``loss_step`` is logged as
    ``loss``, in evaluations ``loss_epoch`` is; values of single batches of an evaluation are
    logged as ``batch/<name>``. Steps are optimizer steps done, where Lightning counts from 0, and
    epochs are those done, the open one as a share. The sanity check is not logged.

    Each process writes a file of its own. `experiment` is the writer, for all else that it can do;
    it opens when the Trainer sets up, and raises `WriterError` then if the folder cannot be
    written to. After that nothing raises. Checkpoints go into ``<folder>/checkpoints``, unless
    `ModelCheckpoint` has a folder of its own.

    An exception that ends the training is logged. The run says that it is finished after each
    call of the Trainer, and goes on with the next one. A training from a checkpoint goes on in the
    same folder with ``resume=True`` among the options: a Trainer opens its loggers before it says
    which checkpoint that is, and a used folder is left alone.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        super().__init__()
        self._folder = os.fspath(folder)
        self._options = options
        self._log: Writer | None = None
        self._met: weakref.ref[Trainer] | None = None
        self.measured: Collection[str] = ()
        """What a `TrainmonCallback` beside the logger measures itself at each step."""

    @property
    def experiment(self) -> Writer:
        """The writer, which opens at the first use."""
        if self._log is None:
            self._log = open_writer(self._folder, self._trainer, self._options)
        return self._log

    @property
    def stops(self) -> bool:
        """Whether a loss that is not finite is to stop the training, for a callback to do so."""
        return self._options.get("on_nonfinite") == "stop"

    @property
    def log_dir(self) -> str:
        """The run's folder: the one asked for, or its neighbour if that was used."""
        return self._log.folder if self._log is not None else self._folder

    @property
    def save_dir(self) -> str:
        """The folder that the run's folder is in."""
        return os.path.dirname(self.log_dir)  # noqa: PTH120 - paths are strings to Lightning

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        return os.path.basename(self.log_dir)  # noqa: PTH119 - as above

    @property
    def version(self) -> str:
        """Nothing: a used folder is left alone, and its neighbour has another name."""
        return ""

    def meet(self, trainer: Trainer) -> None:
        """Learn which Trainer this logger is for, and so where it stands."""
        self._met = weakref.ref(trainer)

    def log_graph(self, model: LightningModule, input_array: object = None) -> None:  # type: ignore[override]  # noqa: ARG002 - Lightning's signature says Module
        """Meet the Trainer of `model`, once that has set up; no graph is logged."""
        with suppress(RuntimeError, AttributeError):  # a module without a Trainer
            self.meet(model.trainer)

    def log_hyperparams(
        self,
        params: Mapping[str, object] | Namespace,
        *_: object,
        **__: object,
    ) -> None:
        """Add `params` to the configuration."""
        log = self.experiment
        with log.guard(_WHAT):
            log.configure(vars(params) if isinstance(params, Namespace) else params)

    def log_metrics(self, metrics: Mapping[str, object], step: int | None = None) -> None:
        """Log `metrics` at the steps and epochs done; without a Trainer, at the next `step`."""
        log, trainer = self.experiment, self._trainer
        with log.guard(_WHAT):
            told = dict(metrics)
            epoch = told.pop("epoch", None)
            if trainer is None:
                # With an epoch it is Lightning that counts, from 0; without, the script itself.
                done = step if step is None or epoch is None else step + 1
                log.log({**metrics}, done)
            elif not trainer.sanity_checking:
                named = trainmon_names(
                    told,
                    moment_of(trainer),
                    logged=trainer.callback_metrics,
                    measured=self.measured,
                )
                if named:  # what the callback measures may have been all there was
                    log.log(named, steps_done(trainer), epochs_done(trainer))

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:  # noqa: ANN401 - a proxy of ModelCheckpoint
        """Log a checkpoint, with the metric that decides which is best."""
        log, trainer = self.experiment, self._trainer
        with log.guard(_WHAT):
            step = None if trainer is None else steps_done(trainer)
            log.event(EventKind.CHECKPOINT, step=step, **checkpoint_fields(checkpoint_callback))

    def finalize(self, status: str) -> None:
        """Say that the run ended: well, or by the exception that is being handled."""
        log, error = self.experiment, sys.exception()
        with log.guard(_WHAT):
            if status == "success":
                tell_end(log)
            elif error is None:
                log.event(EventKind.FINISH, status=status)
            else:
                tell_end(log, error)

    @property
    def _trainer(self) -> Trainer | None:
        return None if self._met is None else self._met()

    def __getstate__(self) -> dict[str, object]:
        """Return all but what belongs to this process, for those that Lightning spawns."""
        return {**self.__dict__, "_log": None, "_met": None}

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return the logger itself: a copied Trainer goes on logging to the same run."""
        return self
