"""The callback: what `fit` tells, one line for each batch and each epoch."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from time import perf_counter
from typing import Any

from trainmon.integrations.ending import AtExit, tell_end
from trainmon.integrations.framework import framework
from trainmon.integrations.keras.averages import running_means
from trainmon.integrations.keras.batches import Batches, Execution
from trainmon.integrations.keras.naming import epoch_names, is_loss, loss_name
from trainmon.integrations.keras.rates import Rates
from trainmon.integrations.keras.running_mean import RunningMean
from trainmon.integrations.keras.settings import (
    accumulation,
    batches_of,
    inner_optimizer,
    settings_of,
)
from trainmon.record import EventKind
from trainmon.writer import Writer

with framework("keras"):
    import keras

_WHAT = "TrainmonCallback"


class TrainmonCallback(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Logs a fit: ``model.fit(..., callbacks=[TrainmonCallback("logs/baseline")])``.

    `folder` is the run's folder, ``logs/<the model's name>`` if not given. `options` are those of
    `trainmon.Writer`; a `config` joins what Keras tells. `timer` returns seconds.

    **Each batch** logs ``train/loss``, ``lr``, ``data_time`` (how long nothing ran for want of the
    batch) and ``step_time``; with ``steps_per_execution`` each execution logs their means. Keras
    shows means that run over the epoch, in which no spike can be seen, so the loss of the batch is
    computed back from them: exact to 0.6 % of the mean at the 100,000th batch of an epoch, after
    which it is left out, and for a last, smaller batch nearer to the mean than it was. After a
    value that is not finite, those of the rest of the epoch are unknown and left out. A loss that
    a ``train_step`` of your own returns as it is is logged so. Other metrics are logged as
    ``running/<name>``, as Keras shows them.

    **Each epoch** logs ``val/<name>``, ``train/<name>`` and ``train/loss_epoch``, the mean; outside
    of a fit `evaluate` logs ``test/<name>``. Steps are optimizer steps, and go on where an earlier
    fit ended. A second fit is a phase, a fit that begins behind step 0 a resume.

    Callbacks see neither checkpoints (tell them with ``writer.event("checkpoint", path=...)``) nor
    exceptions: the one that ends the script is logged at its exit. With ``on_nonfinite="stop"``
    among the options Keras is told to stop. The training does not wait for the values of a batch,
    but to see once which metrics are means, and at the first batch of an epoch for the learning
    rate. When the fit begins `WriterError` is raised if the folder cannot be written to; nothing
    else raises.
    """

    async_safe = True
    """Tells Keras that batches may be reported from threads of its own, in any order."""

    _lock = Lock()
    """Held while batches are put in order and logged; the class's, as tuners copy callbacks."""

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        config: Mapping[str, object] | None = None,
        timer: Callable[[], float] = perf_counter,
        **options: Any,  # noqa: ANN401 - whatever Writer takes
    ) -> None:
        super().__init__()
        self._folder = folder
        self._config = config or {}
        self._timer = timer
        self._options = options
        self._stops = options.get("on_nonfinite") == "stop"
        self._training = self._stopped = False
        self._at_exit = AtExit()
        self._batches = Batches()
        self._rates = Rates()
        self._averaged: frozenset[str] | None = None
        self._means: dict[str, RunningMean] = {}
        self._epoch = 0
        self._batches_before = self._batches_done = 0
        self.writer: Writer | None = None
        """The writer; None before the first fit."""

    def on_train_begin(self, logs: object = None) -> None:  # noqa: ARG002 - Keras's signature
        """Open the run, or begin another phase of it."""
        if self._training:  # an exception ended the one before, and somebody caught it
            self._unfinished()
        again, writer = self.writer is not None, self._open()
        self._training, self._stopped, self._averaged = True, False, None
        self._at_exit.end(writer, otherwise=self._unfinished)
        with writer.guard(_WHAT):
            if again:
                writer.configure(settings_of(self.model, self.params))
                writer.event(EventKind.PHASE, name="fit", step=self._step)

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002 - as above
        """Take note of where the epoch begins."""
        writer = self._open()
        with writer.guard(_WHAT), self._lock:
            # One that was compiled anew counts from 0 again; the run goes on.
            count = batches_of(inner_optimizer(self.model))
            resumed = self._batches_done == 0 < count
            self._batches_before = self._batches_done = max(count, self._batches_done)
            self._epoch, self._means = epoch, {}
            if resumed:
                writer.event(EventKind.RESUME, step=self._step, epoch=epoch)
            self._rates.forget()
            self._batches.restart(now=self._timer())

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:  # noqa: ARG002 - as above
        """Have a batch."""
        with self._open().guard(_WHAT), self._lock:
            self._batches.begin(batch, now=self._timer())
            self._rates.look(inner_optimizer(self._model))
            if batch and self._averaged is None:
                self._averaged = running_means(self.model)
        if self._stops and self._open().should_stop:
            self._stopped = self._model.stop_training = True

    def on_train_batch_end(self, batch: int, logs: Mapping[str, object] | None = None) -> None:
        """Log the batch, and those that waited for it."""
        now = self._timer()
        with self._open().guard(_WHAT), self._lock:
            for execution in self._batches.end(batch, logs or {}, now=now):
                self._log(execution, now)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, object] | None = None) -> None:
        """Log the means of the epoch, and the evaluation after it."""
        writer = self._open()
        with writer.guard(_WHAT):
            writer.log(dict(epoch_names(logs or {})), self._step, epoch + 1)

    def on_test_end(self, logs: Mapping[str, object] | None = None) -> None:
        """Log an evaluation outside of a fit; those inside come with their epoch."""
        if not self._training:
            test = {f"test/{name}": value for name, value in (logs or {}).items()}
            self._open().log(test, self._step)

    def on_train_end(self, logs: object = None) -> None:  # noqa: ARG002 - as above
        """Say that the fit ended, and whether it was stopped."""
        writer = self._open()
        with writer.guard(_WHAT):
            if self._model.stop_training and not self._stopped:  # else the writer has said why
                why = f"Keras was told to stop in epoch {self._epoch + 1}"
                writer.event(EventKind.STOP, step=self._step, why=why)
            tell_end(writer)
        self._let_go()

    @property
    def _step(self) -> int:
        """The step that the last batch belongs to, which may take more batches yet."""
        return -(-self._batches_done // accumulation(inner_optimizer(self._model)))

    def _open(self) -> Writer:
        if self.writer is None:
            model = self.model
            told: dict[str, object] = {}
            with suppress(Exception):  # no setting is worth a training that does not begin
                told = settings_of(model, self.params or {})
            config = {**told, **self._config}
            folder = self._folder or f"logs/{model.name}"
            self.writer = Writer(folder, **{"config": config, **self._options})
        return self.writer

    def _log(self, execution: Execution, now: float) -> None:
        assert self.writer is not None
        done = self._batches_done = self._batches_before + execution.done
        line: dict[str, object] = {}
        for name, value in execution.logs.items():
            if not is_loss(name) or not isinstance(value, float):
                line[f"running/{name}"] = value
            elif (loss := self._loss(name, value, execution.done)) is not None:
                line[loss_name(name)] = loss
        optimizer = inner_optimizer(self._model)
        line |= self._rates.at(optimizer, done - 1, now)
        line["data_time"] = execution.data_time / execution.batches
        line["step_time"] = execution.step_time / execution.batches
        per_epoch = (self.params or {}).get("steps")
        share = execution.done / per_epoch if per_epoch else 0
        self.writer.log(line, self._step, self._epoch + share)

    def _loss(self, name: str, told: float, batches: int) -> float | None:
        """Return the loss of a batch by what Keras shows; the first is its own mean."""
        mean = self._means.setdefault(name, RunningMean()).value_at(batches, told)
        averaged = self._averaged is None or name in self._averaged
        return mean if averaged else told

    def _unfinished(self) -> None:
        """Leave a run whose training came to no end, though nobody saw it fail."""
        if self.writer is not None:
            self.writer.event(EventKind.STOP, why="the training was left before its end")
        self._let_go()

    def _let_go(self) -> None:
        self._training = False
        self._at_exit.call_off()
