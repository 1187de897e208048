"""The callback: what a script does not measure itself."""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from trainmon.integrations.lightning.logger import TrainmonLogger
from trainmon.integrations.lightning.namespaces import Callback, LightningModule, Trainer
from trainmon.integrations.lightning.opening import open_writer
from trainmon.integrations.lightning.progress import epochs_done, steps_done
from trainmon.integrations.lightning.settings import settings_of
from trainmon.integrations.lightning.stand_in import StandIn
from trainmon.integrations.lightning.step_values import StepValues
from trainmon.integrations.step_clock import StepClock
from trainmon.record import EventKind
from trainmon.writer import Writer
from trainmon.writer.watching import Watch
from trainmon.writer.watching.parameters import is_sharded
from trainmon.writer.watching.rates import learning_rates

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

P = ParamSpec("P")
Hook = Callable[Concatenate["TrainmonCallback", P], None]


def _guarded(hook: Hook[P]) -> Hook[P]:
    """Return `hook` kept from the training: it is left out where nothing is logged."""

    @wraps(hook)
    def guarded(self: "TrainmonCallback", /, *args: P.args, **kwargs: P.kwargs) -> None:
        if self.writer is not None:
            with self.writer.guard("TrainmonCallback"):
                hook(self, *args, **kwargs)

    return guarded


class TrainmonCallback(Callback):
    """Logs each step of a Trainer: ``Trainer(callbacks=[TrainmonCallback("logs/baseline")])``.

    Beside a `TrainmonLogger` it writes to that one's run and needs no folder. Alone it opens the
    run itself, by `folder` (``logs/<the module's class>`` if not given) and `options` as for
    `trainmon.Writer` (``resume=True`` for a training from a checkpoint to go on in its folder),
    and logs what the script logs as well. With `watch` the model is watched layer by layer
    (`Writer.watch`). `timer` returns seconds.

    Each optimizer step logs ``train/loss`` (what the training step returned; of accumulated
    batches their mean), ``lr`` (and ``lr/<group>`` where the groups differ), ``grad_norm`` before
    the Trainer clips it, ``data_time`` (the wait for the batch, with its way to the device) and
    ``step_time``. Times during which a checkpoint was saved are left out. The norm is called
    ``grad_norm/local_shard`` where gradients are sharded and ``grad_norm/optimizer<number>`` with
    several optimizers; under manual optimization a script clips before it is taken.

    The configuration is told as the Trainer and the optimizers have it; checkpoints, phases (a
    test, a second fit), resumes, an early stop and exceptions are events. Nothing is logged under
    ``fast_dev_run``. With ``on_nonfinite="stop"`` among the options (of the logger, if there is
    one) the Trainer stops at the next of its logging steps, on which the processes agree; but for
    that nothing waits for the device and nothing is exchanged between processes. `WriterError` is
    raised at the set-up if the folder cannot be written to; nothing else raises. Costs about
    0.2 ms per step for a model of 40 parameters, most of it for the norm.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        watch: bool = False,
        timer: Callable[[], float] = perf_counter,
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._options = options
        self._stops = options.get("on_nonfinite") == "stop"
        self._clock = StepClock(timer)
        self._values = StepValues()
        self._logger: TrainmonLogger | None = None
        self._stand_in: StandIn | None = None
        self._watched: Watch | None = None
        self._steps = 0
        self._began = self._stopped = False
        self.writer: Writer | None = None
        """The writer; None before the set-up."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Open the run, or join that of the logger."""
        if getattr(trainer, "fast_dev_run", False):  # which the Trainer's type does not tell
            return
        loggers = (logger for logger in trainer.loggers if isinstance(logger, TrainmonLogger))
        self._logger = next(loggers, None)
        if self._logger is not None:
            self._logger.meet(trainer)
            self._stops = self._logger.stops
            self.writer = self._logger.experiment
        elif self.writer is None:
            folder = self._folder or f"logs/{type(pl_module).__name__.lower()}"
            self.writer = open_writer(folder, trainer, self._options)
            self._stand_in = StandIn(self.writer)
        if stage in {"validate", "test"}:
            self.writer.event(EventKind.PHASE, name=stage, step=steps_done(trainer))

    @_guarded
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell the configuration, and where the training begins if that is not its beginning."""
        assert self.writer is not None
        self.writer.configure(settings_of(trainer, self.writer.config))
        self._steps = steps_done(trainer)
        self._values = StepValues(sharded=is_sharded(pl_module))
        self._clock.take()  # what a fit that was left in the middle of a step has had of it
        if trainer.ckpt_path is not None and self._steps:
            self.writer.event(EventKind.RESUME, step=self._steps, epoch=epochs_done(trainer))
        elif self._began:
            self.writer.event(EventKind.PHASE, name="fit", step=self._steps)
        self._began, self._stopped = True, False
        if self._watch:
            scaler = getattr(trainer.precision_plugin, "scaler", None)
            self._watched = self.writer.watch(pl_module, trainer.optimizers, scaler=scaler)

    @_guarded
    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - Lightning's signature, as below
        """Begin to wait for the epoch's first batch."""
        if self._stand_in is not None:
            self._stand_in.tell_checkpoints(trainer)
            self._stand_in.tell_metrics(trainer)  # those of the epoch before, after its last batch
        self._clock.wait()

    @_guarded
    def on_train_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - see above
        batch: object,  # noqa: ARG002 - see above
        batch_idx: int,  # noqa: ARG002 - see above
    ) -> None:
        """Have the batch, and take note of the learning rates that are set for it."""
        self._clock.begin()
        if self._stand_in is not None:
            self._stand_in.tell_checkpoints(trainer)
        groups = [group for optimizer in trainer.optimizers for group in optimizer.param_groups]
        self._values.begin(learning_rates(groups, every_group=False))

    @_guarded
    def on_before_optimizer_step(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - see above
        optimizer: "Optimizer",
    ) -> None:
        """Take the norm of the gradients: accumulated, unscaled, and not yet clipped."""
        # A watch takes it itself, and DeepSpeed keeps the gradients to itself.
        if self._watched is None and not trainer.strategy.handles_gradient_accumulation:
            places = (i for i, other in enumerate(trainer.optimizers) if other is optimizer)
            self._values.add_norm(optimizer, next(places, 0))

    @_guarded
    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - see above
        outputs: "Tensor | Mapping[str, Any] | None",
        batch: object,  # noqa: ARG002 - see above
        batch_idx: int,  # noqa: ARG002 - see above
    ) -> None:
        """Log the step, if this was the last batch of one."""
        assert self.writer is not None
        self._clock.end()
        self._values.add_loss(outputs)
        if steps_done(trainer) == self._steps:
            return
        self._steps = steps_done(trainer)
        line = {**self._values.take(trainer.accumulate_grad_batches), **self._clock.take()}
        if self._logger is not None:
            self._logger.measured = line.keys()
        elif self._stand_in is not None:
            line = {**self._stand_in.new_metrics(trainer), **line}
        self.writer.log(line, self._steps, epochs_done(trainer))
        # All processes ask at the same steps, as the answer is agreed on between them.
        asked = self._stops and self._steps % max(1, trainer.log_every_n_steps) == 0  # type: ignore[attr-defined]  # set where types do not see it
        if asked and self.writer.should_stop:
            self._stopped = trainer.should_stop = True

    @_guarded
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - see above
        """Log an evaluation, unless it is the sanity check; then wait for the next batch."""
        if self._stand_in is not None and not trainer.sanity_checking:
            self._stand_in.tell_metrics(trainer)
        self._clock.wait()

    @_guarded
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - see above
        """Log the test."""
        if self._stand_in is not None:
            self._stand_in.tell_metrics(trainer)

    @_guarded
    def on_save_checkpoint(
        self,
        trainer: Trainer,  # noqa: ARG002 - see above
        pl_module: LightningModule,  # noqa: ARG002 - see above
        checkpoint: dict[str, Any],  # noqa: ARG002 - see above
    ) -> None:
        """Take note that a checkpoint is being saved: where, is known when it has been."""
        self._clock.interrupt()
        if self._stand_in is not None:
            self._stand_in.expect_checkpoint()

    @_guarded
    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - see above
        """Say so if the training is shorter than planned."""
        assert self.writer is not None
        if self._stand_in is not None:
            self._stand_in.tell_metrics(trainer)
        if trainer.should_stop and not self._stopped:  # else the writer has said why
            why = f"the Trainer was told to stop after {self._steps} steps"
            self.writer.event(EventKind.STOP, step=self._steps, why=why)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:  # noqa: ARG002 - see above
        """Say that the run ended, unless the logger does."""
        self._end(trainer, None)

    def on_exception(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - see above
        exception: BaseException,
    ) -> None:
        """Log the exception that ends the run, unless the logger does."""
        self._end(trainer, exception)

    @_guarded
    def _end(self, trainer: Trainer, error: BaseException | None) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None
        if self._stand_in is not None:
            self._stand_in.tell_end(trainer, error)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but what belongs to this process, for those that Lightning spawns."""
        of_this_process = ("writer", "_logger", "_stand_in", "_watched")
        return {**self.__dict__, **dict.fromkeys(of_this_process)}
