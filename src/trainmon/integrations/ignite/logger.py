"""The logger: a run's writer with the methods that Ignite's loggers have."""

import os
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from torch import distributed

from trainmon.integrations.ending import AtExit, tell_end
from trainmon.integrations.framework import framework
from trainmon.integrations.ignite.handlers import OptimizerParamsHandler, OutputHandler
from trainmon.integrations.step_clock import StepClock
from trainmon.record import EventKind
from trainmon.writer import Writer
from trainmon.writer.loading.settings import loader_of

with framework("ignite", package="pytorch-ignite"):
    from ignite.engine import Engine, Events
    from ignite.handlers.base_logger import BaseLogger

if TYPE_CHECKING:
    from types import TracebackType

    from ignite.engine import RemovableEventHandle

_WHAT = "TrainmonLogger"

_ASK_EVERY = 10
"""Iterations between two questions whether a loss was not finite: each waits for the device."""


class TrainmonLogger(BaseLogger):
    """Logs what is attached to it: ``TrainmonLogger("logs/baseline", trainer=trainer)``.

    `folder` and `options` are those of `trainmon.Writer`. `trainer` is the engine whose iterations
    count; if not given, it is the first one that something is attached to. Steps are its
    iterations, or, where its update function accumulates the gradients of `accum` batches, the
    optimizer steps that these belong to; epochs are those done, as a fraction. `timer` returns
    seconds.

    Of the trainer each step logs ``data_time`` and ``step_time`` (from asking for the batch to the
    end of the update, handlers left out). Its limits go into the configuration; resumes, a
    termination and exceptions are events, and an exception goes on as if nobody had seen it. The
    run says that it is finished when the trainer has completed, and once more at the end if there
    was more to log. With ``on_nonfinite="stop"`` the trainer is terminated within ten iterations.

    Each process makes a logger of its own, which writes a file of its own. `writer` is for all
    that is not attached, as ``logger.writer.watch(model, optimizer)``. Raises `WriterError` if the
    folder cannot be written to; after that nothing raises.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        trainer: Engine | None = None,
        accum: int = 1,
        timer: Callable[[], float] = perf_counter,
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        process: dict[str, int] = {}
        if distributed.is_available() and distributed.is_initialized():
            process = {"rank": distributed.get_rank(), "world_size": distributed.get_world_size()}
        self.writer = Writer(folder, **{**process, **options})
        self.trainer: Engine | None = None
        """The engine whose iterations are the steps."""
        self._stops = options.get("on_nonfinite") == "stop"
        self._accum = accum
        self._clock = StepClock(timer)
        self._began = self._finished = self._stopped = False
        self._error: BaseException | None = None
        self._at_exit = AtExit()
        self._at_exit.end(self.writer, otherwise=self.close)
        if trainer is not None:
            self._follow(trainer)

    def log(self, metrics: Mapping[str, object], step: float | None = None) -> None:
        """Log `metrics` at where the trainer stands; without one, at `step`."""
        self._finished = False
        if self.trainer is None:
            self.writer.log(metrics, step)
        else:
            self.writer.log(metrics, self._step, self._epoch)

    def attach(
        self,
        engine: Engine,
        log_handler: Callable[..., Any],
        event_name: Any,  # noqa: ANN401 - Ignite's signature
        *args: Any,  # noqa: ANN401 - likewise
        **kwargs: Any,  # noqa: ANN401 - likewise
    ) -> "RemovableEventHandle":
        """Have `log_handler` called at `event_name`, with the engine, this logger and the event."""
        if self.trainer is None:
            self._follow(engine)
        return super().attach(engine, log_handler, event_name, *args, **kwargs)

    def close(self) -> None:
        """Finish the run, unless an exception did."""
        self._at_exit.call_off()
        if not self._finished and self._error is None:
            self.writer.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        """Close the logger at the end of a ``with`` block, and log the exception that left it."""
        if error is not None and error is not self._error:
            self._error = error
            self.writer.__exit__(kind, error, traceback)
        self.close()

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:  # noqa: ANN401 - Ignite's loggers all do so
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:  # noqa: ANN401 - likewise
        return OptimizerParamsHandler(*args, **kwargs)

    @property
    def _step(self) -> int:
        """The optimizer step that the trainer's iteration belongs to."""
        assert self.trainer is not None
        return -(-self.trainer.state.iteration // self._accum)

    @property
    def _epoch(self) -> float:
        assert self.trainer is not None
        state = self.trainer.state
        return state.iteration / state.epoch_length if state.epoch_length else state.epoch

    def _follow(self, trainer: Engine) -> None:
        self.trainer = trainer
        trainer.add_event_handler(Events.STARTED, self._on_started)
        trainer.add_event_handler(Events.GET_BATCH_STARTED, self._clock.wait)
        trainer.add_event_handler(Events.GET_BATCH_COMPLETED, self._clock.begin)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, self._on_iteration)
        trainer.add_event_handler(Events.TERMINATE, self._on_terminate)
        trainer.add_event_handler(Events.COMPLETED, self._on_completed)
        trainer.add_event_handler(Events.EXCEPTION_RAISED, self._on_exception)

    def _on_started(self, trainer: Engine) -> None:
        with self.writer.guard(_WHAT):
            state = trainer.state
            length, epochs = state.epoch_length, state.max_epochs
            # Not all versions have a limit in iterations.
            limit = getattr(state, "max_iters", None)
            batches = limit or (length * epochs if length and epochs else None)
            told: dict[str, object] = {
                "framework": "ignite",
                "epochs": epochs,
                "total_steps": None if batches is None else batches // self._accum,
                "accum": self._accum,
            }
            loader = loader_of(state.dataloader).settings.items()
            told |= {name: value for name, value in loader if name not in self.writer.config}
            self.writer.configure({name: v for name, v in told.items() if v is not None})
            if self._began:
                self.writer.event(EventKind.PHASE, name="fit", step=self._step)
            elif state.iteration:
                self.writer.event(EventKind.RESUME, step=self._step, epoch=self._epoch)
            self._began, self._error = True, None

    def _on_iteration(self, trainer: Engine) -> None:
        with self.writer.guard(_WHAT):
            self._clock.end()
            if trainer.state.iteration % self._accum == 0:
                self.log(self._clock.take())
            if (
                self._stops
                and trainer.state.iteration % _ASK_EVERY == 0
                and self.writer.should_stop
            ):
                self._stopped = True
                trainer.terminate()

    def _on_terminate(self) -> None:
        if not self._stopped:  # else the writer has said why
            self.writer.event(EventKind.STOP, step=self._step, why="the trainer was terminated")

    def _on_completed(self) -> None:
        self._end(None)

    def _on_exception(self, trainer: Engine, error: BaseException) -> None:
        if error is not self._error:  # Ignite tells of it at each of its levels
            self._error = error
            self._end(error)
        # Ignite takes it for handled once a handler was called, and this one handles nothing. But
        # where the script has one as well, that one decides what becomes of it.
        handlers = getattr(trainer, "_event_handlers", {}).get(Events.EXCEPTION_RAISED, ())
        if len(handlers) <= 1:
            raise error

    def _end(self, error: BaseException | None) -> None:
        """Say how the run ended, and stay open: the trainer may run again."""
        tell_end(self.writer, error)
        self._finished = error is None
