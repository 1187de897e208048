"""The callback itself: what a Trainer tells, written down."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import PurePath
from time import perf_counter
from typing import TYPE_CHECKING, Any

from trainmon.integrations.ending import AtExit, tell_end
from trainmon.integrations.framework import framework
from trainmon.integrations.huggingface.hidden_loss import HiddenLoss, hidden_loss
from trainmon.integrations.huggingface.naming import trainmon_name, trainmon_names
from trainmon.integrations.huggingface.settings import settings_of
from trainmon.integrations.step_clock import StepClock
from trainmon.record import EventKind
from trainmon.writer import Writer

with framework("transformers"):
    from transformers.trainer_callback import TrainerCallback, TrainerControl, TrainerState
    from transformers.training_args import TrainingArguments

if TYPE_CHECKING:  # needed by annotations alone
    from trainmon.writer.watching import Watch

_WHAT = "the callback of Hugging Face's Trainer"


class TrainmonCallback(TrainerCallback):
    """Logs a Trainer's run: ``Trainer(..., callbacks=[TrainmonCallback("logs/baseline")])``.

    `folder` is the run's folder, ``logs/<run_name>`` or, without one, ``logs/<output_dir>`` if not
    given. `options` are those of `trainmon.Writer`; a `config` joins what the Trainer tells. With
    `watch` the model is watched layer by layer (`Writer.watch`). `timer` returns seconds.

    The header tells the arguments and the model. Each step logs ``data_time`` and ``step_time``,
    the logging steps ``train/loss``, ``lr`` and ``grad_norm``, evaluations ``val/<metric>``, all by
    optimizer steps done; saving is a ``checkpoint`` event. Of several processes each times its own
    steps and watches its own loss; what else they share is logged by the first.

    **A loss that is NaN or infinite** is logged as ``train/loss`` of its step, also where
    ``logging_nan_inf_filter`` (on by default) has the Trainer show the average of the others. It is
    read from the model's output: a loss that is computed outside of the model (label smoothing,
    ``compute_loss_func``) and a compiled model do not show theirs before the filter. With
    ``on_nonfinite="stop"`` the Trainer stops when it logs next, with ``"raise"`` at once.

    **The end.** Callbacks see no exception, so the one that ends the script is logged at its exit.
    An evaluation after the training is added to the run; one before it is not logged. A training
    from a checkpoint goes on in the same folder, any other takes ``<folder>-2`` if it is used.

    When the training begins, `WriterError` is raised if the folder cannot be written to; nothing
    else raises.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        watch: bool = False,
        config: Mapping[str, object] | None = None,
        timer: Callable[[], float] = perf_counter,
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._config = config or {}
        self._timer = timer
        self._options = options
        self._stops = options.get("on_nonfinite") == "stop"
        self._log: Writer | None = None
        self._training = self._stopped = False
        self._clock = StepClock(timer)
        self._hidden: HiddenLoss | None = None
        self._non_finite_at: int | None = None
        self._evaluated: tuple[int, Mapping[str, object]] = (-1, {})
        self._at_exit = AtExit()
        self._watched: Watch | None = None

    @property
    def log(self) -> Writer | None:
        """The writer of the training that runs or ran last, None before the first."""
        return self._log

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        *_: object,
        **kwargs: Any,  # noqa: ANN401 - whatever the Trainer has: model, optimizer, loaders
    ) -> None:
        """Open the run."""
        if self._training:  # an exception ended the one before, and somebody caught it
            self._unfinished()
        model, loader = kwargs.get("model"), kwargs.get("train_dataloader")
        told: dict[str, object] = {}
        with suppress(Exception):  # no setting is worth a training that does not begin
            told = settings_of(args, state, model, loader)
        log = self._open(args, {**told, **self._config}, resume=state.global_step > 0)
        with log.guard(_WHAT):
            if state.global_step > 0:
                log.event(EventKind.RESUME, step=state.global_step, epoch=state.epoch)
            self._hidden = hidden_loss(model, args, log.tell)
            self._clock = StepClock(self._timer)
            if self._watch and model is not None:
                optimizer = kwargs.get("optimizer")
                # Accelerate keeps the scaler beside the optimizer that it wraps.
                scaler = getattr(optimizer, "scaler", None)
                self._watched = log.watch(model, optimizer, scaler=scaler)
        self._clock.wait()

    def on_step_begin(self, *_: object, **__: object) -> None:
        """Begin an optimizer step, whose batches are at hand."""
        self._clock.begin()
        if self._hidden is not None:
            self._hidden.begin()

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the Trainer's signature
        state: TrainerState,
        *_: object,
        **__: object,
    ) -> None:
        """Log the times of a step, and its loss if that is not finite."""
        if self._log is None:
            return
        with self._log.guard(_WHAT):
            self._clock.end()
            line: dict[str, object] = {**self._clock.take()}
            loss = None if self._hidden is None else self._hidden.end()
            if loss is not None:
                line["train/loss"] = loss
                self._non_finite_at = state.global_step
            self._log.log(line, step=state.global_step, epoch=state.epoch)

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the Trainer's signature
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, object] | None = None,
        **_: object,
    ) -> None:
        """Log what the Trainer does; only the loss in processes that are not the first."""
        if self._log is None:
            return
        with self._log.guard(_WHAT):
            line = trainmon_names(logs or {})
            if not state.is_world_process_zero:
                # By it a loss that is not finite is told from one that never was.
                line = {name: value for name, value in line.items() if name == "train/loss"}
            if self._non_finite_at == state.global_step:
                line.pop("train/loss", None)  # the Trainer shows the average of others instead
            if any(name.startswith("val/") for name in line):
                self._evaluated = state.global_step, line
            if line:
                self._log.log(line, step=state.global_step, epoch=state.epoch)
                if not self._training:
                    tell_end(self._log)
            # Asked in all processes equally often, as they decide together.
            if self._training and self._stops and self._log.should_stop:
                self._stopped = control.should_training_stop = True
            self._clock.wait()

    def on_evaluate(self, *_: object, **__: object) -> None:
        """Begin to wait for the next batch; the values came with `on_log`."""
        self._clock.wait()

    def on_save(
        self, args: TrainingArguments, state: TrainerState, *_: object, **__: object
    ) -> None:
        """Log a checkpoint, in the first process, with the metric that decides which is best."""
        if self._log is None:
            return
        if not state.is_world_process_zero:
            self._clock.interrupt()  # it waits for the first one, which saves, with its next batch
            return
        with self._log.guard(_WHAT):
            path = f"{args.output_dir}/checkpoint-{state.global_step}"
            fields: dict[str, Any] = {"path": path}
            if args.metric_for_best_model:
                fields["metric"] = metric = trainmon_name(args.metric_for_best_model)
                step, values = self._evaluated
                if step == state.global_step and metric in values:
                    fields["value"] = values[metric]
                if (best := getattr(state, "best_global_step", None)) is not None:
                    fields["best"] = best == state.global_step
            self._log.event(EventKind.CHECKPOINT, step=state.global_step, **fields)
            self._clock.wait()

    def on_train_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the Trainer's signature
        state: TrainerState,
        *_: object,
        **__: object,
    ) -> None:
        """Say that the run ended, and whether it is shorter than planned."""
        if self._log is None:
            return
        with self._log.guard(_WHAT):
            if state.global_step < state.max_steps and not self._stopped:
                why = (
                    f"the Trainer was told to stop at step {state.global_step} of {state.max_steps}"
                )
                self._log.event(EventKind.STOP, step=state.global_step, why=why)
            tell_end(self._log)
        self._let_go()

    def _open(
        self, args: TrainingArguments, config: Mapping[str, object], *, resume: bool
    ) -> Writer:
        name = PurePath(args.run_name or args.output_dir or "").name or "transformers"
        told: dict[str, Any] = {
            "config": config,
            "rank": args.process_index,
            "world_size": args.world_size,
            "resume": resume,
        }
        self._log = Writer(self._folder or f"logs/{name}", **{**told, **self._options})
        self._training, self._stopped = True, False
        self._at_exit.end(self._log, otherwise=self._unfinished)
        return self._log

    def _unfinished(self) -> None:
        """Leave a run whose training came to no end, though nobody saw it fail."""
        if self._log is not None:
            self._log.event(EventKind.STOP, why="the training was left before its end")
        self._let_go()

    def _let_go(self) -> None:
        self._training = False
        self._at_exit.call_off()
        if self._watched is not None:
            self._watched.close()
            self._watched = None
        if self._hidden is not None:
            self._hidden.remove()
            self._hidden = None
