"""A small real training whose every part can be changed before it runs.

A fault is a *twist*: a function that changes a training before its first step, where the mistake
would be made in a script: in the data, the order of batches, the model, the loss, the schedule, the
update, what is reported. All that follows from it is computed.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from tests.evaluation.training import forensics, norms
from tests.evaluation.training.journal import Journal
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.pace import Pace, times
from tests.evaluation.training.rates import scheduled
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Split, Task
from trainmon.writer.rarely import FIRST_CALLS
from trainmon.writer.summaries.inputs import inputs as inputs_of
from trainmon.writer.summaries.outputs import outputs as outputs_of

Style = Literal["writer", "plain"]
"""Who measures: the writer (evaluations, layers, inputs, outputs, passes), or the script alone."""

UPDATES_EVERY = 10
LAYERS_EVERY = 50
"""Steps between measurements of update ratios and of layers."""

EVALUATION_STEPS = 12
"""Steps' worth of time that an evaluation takes."""


class CrashError(Exception):
    """Ends a training as an exception of this type and text would."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Shown:
    """What of a run is logged at all."""

    style: Style = "writer"
    evaluations: bool = True
    checkpoints: bool = True
    epochs: bool = True
    every: int = 1
    """Steps between the script's own lines."""
    speed: bool = True
    """Whether data and step times are measured."""


class Training:
    """One training, from its first step to its last. Single-threaded; owns all that it changes."""

    def __init__(self, task: Task, settings: Settings, seed: int, pace: Pace | None = None) -> None:
        self.task, self.settings, self.seed = task, settings, seed
        self.rng = np.random.default_rng([seed, 1])
        torch.manual_seed(seed)
        self.data: Data = _prepared(task, settings, seed)
        self.model: nn.Module = task.model(settings)
        self.steps_per_epoch = settings.steps_per_epoch(len(self.data.train))
        self.total_steps = settings.epochs * self.steps_per_epoch
        self.pace = pace or Pace(workers=settings.num_workers, prefetch=settings.prefetch)
        self.computing = self.pace.computing(self.total_steps, self.rng)
        self.preparing = self.pace.preparing(self.total_steps, self.rng)

        self.step = 0
        self.onset = 0.0
        self.shown = Shown()
        self.threshold = 0.5
        self.config: dict[str, Any] = {}
        """What the header tells otherwise than the settings."""
        self.rate = scheduled(settings, self.total_steps)
        self.optimizer: torch.optim.Optimizer = self.new_optimizer()
        self.loss: Callable[[Tensor, Tensor], Parts] = lambda o, t: task.loss(o, t, settings)
        self.reported: Callable[[float], float] = lambda loss: loss
        """The training loss as the script logs it."""
        self.judge = task.judge
        self.order: Callable[[int], list[Tensor]] = self.shuffled
        """The batches of a pass, by its number; each holds `accum` micro-batches."""
        self.on_batch: list[Callable[[int, Split], Split]] = []
        self.on_gradients: list[Callable[[int], None]] = []
        self.updates: Callable[[int], bool] = lambda _: True
        """Whether the optimizer makes its step."""
        self.zeroes_gradients = True
        self.on_metrics: list[Callable[[int, dict[str, float]], None]] = []
        self.on_evaluation: list[Callable[[dict[str, Any], dict[str, float]], None]] = []
        """Change the event and the metrics of an evaluation."""
        self.stopped = ""
        """Why the script ends the run before its last step."""
        self.keeps_the_worst = False
        """Whether the worst evaluation counts as the best."""
        self.after_step: list[Callable[[int], None]] = []

        self.journal = Journal("run")
        self.losses: list[float] = []
        self.qualities: list[float] = []
        self._best = -np.inf
        self._batch: Split | None = None
        self._ruined_at = 0
        self._pass: tuple[int, list[Tensor]] = (-1, [])

    def new_optimizer(self, parameters: list[nn.Parameter] | None = None) -> torch.optim.Optimizer:
        """Return the optimizer of the settings for some parameters; for all of the model's."""
        settings = self.settings
        chosen = [p for p in parameters or self.model.parameters() if p.requires_grad]
        if settings.optimizer == "sgd":
            return torch.optim.SGD(
                chosen, settings.lr, settings.momentum, weight_decay=settings.weight_decay
            )
        return torch.optim.AdamW(
            chosen, settings.lr, weight_decay=settings.weight_decay, fused=True
        )

    def shuffled(self, epoch: int) -> list[Tensor]:
        """Return the batches of a pass in a random order of samples."""
        count = len(self.data.train)
        order = np.random.default_rng([self.seed, 2, epoch]).permutation(count)
        if not self.settings.shuffle:
            order = np.arange(count)
        size = self.settings.batch_size * self.settings.accum
        return list(torch.split(torch.as_tensor(order), size))

    def run(self) -> Outcome:
        """Train to the end, or to the crash; return what became of it."""
        waits, wholes = times(self.computing, self.preparing, self.pace, self.rng)
        self.journal.header(self.told_config())
        try:
            while self.step < self.total_steps and not self.stopped:
                index = min(self.step, len(waits) - 1)
                self.journal.now += float(wholes[index])
                self._train(float(waits[index]), float(wholes[index]))
            if self.stopped:
                self.journal.event("stop", self.step, why=self.stopped)
            self.journal.event("finish", self.step, status="finished")
        except CrashError as error:
            told = {"type": error.kind, "message": str(error)}
            trace = f"Traceback (most recent call last):\n  ...\n{error.kind}: {error}\n"
            self.journal.event("exception", self.step, **told, traceback=trace)
        return Outcome(self.qualities, self.losses, self.journal.records, self.onset)

    def told_config(self) -> dict[str, Any]:
        """Return the configuration that the header tells."""
        task = self.task
        config = self.settings.config(len(self.data.train), task.loss_name, task.monitor, task.mode)
        config |= task.config
        if self.shown.style == "writer":
            parameters = list(self.model.parameters())
            config["parameters"] = sum(p.numel() for p in parameters)
            config["trainable_parameters"] = sum(p.numel() for p in parameters if p.requires_grad)
        told = config | self.config
        return {key: value for key, value in told.items() if value is not None or key == "clip"}

    def batch(self, step: int) -> Tensor:
        """Return the samples of a step (from 1) by their numbers."""
        number, index = divmod(step - 1, self.steps_per_epoch)
        if self._pass[0] != number:
            self._pass = (number, self.order(number))
        return self._pass[1][index % len(self._pass[1])]

    def epoch(self, step: int) -> float | None:
        """Return the epoch at the end of a step, as the log tells it."""
        return round(step / self.steps_per_epoch, 4) if self.shown.epochs else None

    def _train(self, wait: float, whole: float) -> None:
        """Make one step and log it."""
        step = self.step = self.step + 1
        chosen = self.batch(step)
        rate = self.rate(step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, parts = self._backward(step, chosen)
        for change in self.on_gradients:
            change(step)
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        norm = norms.together(gradients)
        metrics = {"train/loss": self.reported(loss), "lr": rate, "grad_norm": norm}
        metrics |= {f"train/loss/{name}": value for name, value in parts.items() if name}
        if self.shown.style == "writer" and step % LAYERS_EVERY == 1:
            metrics |= norms.layers(self.model)
        norms.clip(gradients, norm, self.settings.clip)
        before = norms.Weights(self.model) if step % UPDATES_EVERY == 1 else None
        if self.updates(step):
            self.optimizer.step()
        if before is not None:
            ratios = before.updates()
            whole_only = self.shown.style == "plain" or step % LAYERS_EVERY != 1
            metrics |= {"update_ratio": ratios["update_ratio"]} if whole_only else ratios
        if self.shown.speed:
            metrics |= {"data_time": wait, "step_time": whole}
        metrics["samples"] = step * self.settings.batch_size * self.settings.accum
        self.losses.append(loss)
        for tell in self.on_metrics:
            tell(step, metrics)
        if step % self.shown.every == 0 or self.shown.every == 1:
            self.journal.log(metrics, step, self.epoch(step))
        self._tell_if_not_finite(step, metrics["train/loss"])
        for act in self.after_step:
            act(step)
        self._conclude(step)

    def _backward(self, step: int, chosen: Tensor) -> tuple[float, dict[str, float]]:
        """Make the gradients of a batch, micro-batch by micro-batch; return loss and parts."""
        if self.zeroes_gradients:
            self.optimizer.zero_grad(set_to_none=True)
            self.model.zero_grad(set_to_none=True)
        micro = torch.split(chosen, self.settings.batch_size)
        total, told = 0.0, dict[str, float]()
        for part in micro:
            batch = self.data.train.take(part)
            for change in self.on_batch:
                batch = change(step, batch)
            self._batch = batch
            outputs = self.model(batch.inputs)
            parts = self.loss(outputs, batch.targets)
            loss = sum(parts.values(), torch.zeros(()))
            (loss / len(micro)).backward()  # type: ignore[no-untyped-call]  # torch's own
            total += loss.item() / len(micro)
            for name, value in parts.items():
                told[name] = told.get(name, 0.0) + value.item() / len(micro)
            self._look(step, batch, outputs.detach())
        return total, told

    def _look(self, step: int, batch: Split, outputs: Tensor) -> None:
        """Tell what goes in and what comes out, at the calls at which the writer would."""
        if self.shown.style == "writer" and step in FIRST_CALLS:
            place = (step, self.epoch(step))
            names = self.data.names or None
            self.journal.event("inputs", *place, **inputs_of(batch.inputs, batch.targets, names))
            with suppress(ValueError):  # where the two do not go together the writer tells nothing
                self.journal.event("outputs", *place, **outputs_of(outputs, batch.targets))

    def _tell_if_not_finite(self, step: int, loss: float) -> None:
        """Tell what the writer's watch tells of the first such loss, and one step later."""
        if self.shown.style == "plain" or self._batch is None:
            return
        if not self._ruined_at and not isfinite(loss):
            self._ruined_at = step
            passed, index = divmod(step - 1, self.steps_per_epoch)
            told = forensics.of_the_loss(loss, self.model, self._batch, index, passed)
            self.journal.event("nonfinite", step, **told)
        elif self._ruined_at and step == self._ruined_at + 1:
            weights = forensics.of_the_weights(self.model, self._ruined_at)
            if weights is not None:
                self.journal.event("nonfinite", step, **weights)

    def _conclude(self, step: int) -> None:
        """Evaluate where it is time, and keep a checkpoint if it is the best so far."""
        interval = max(round(self.settings.evaluate_every * self.steps_per_epoch), 1)
        if step % interval and step != self.total_steps:
            return
        metrics, fields = self.evaluated()
        value = metrics.get(self.task.monitor, np.nan)
        self.qualities.append(self.task.quality(value))
        if not self.shown.evaluations:
            return
        self.journal.now += EVALUATION_STEPS * self.pace.compute
        if self.shown.style == "plain":
            kept = ("val/loss", *self.task.plain_metrics)
            metrics = {name: metrics[name] for name in kept}
        for change in self.on_evaluation:
            change(fields, metrics)
        epoch = self.epoch(step)
        if self.shown.style == "writer":
            self.journal.event("evaluation", step, epoch, **fields)
        self.journal.log(metrics, step, epoch)
        self._keep(step, self.qualities[-1], value)

    def evaluated(self) -> tuple[dict[str, float], dict[str, Any]]:
        """Return the metrics of an evaluation by name, and the fields of its event."""
        val = self.data.val
        self.model.eval()
        with torch.no_grad():
            outputs = self.model(val.inputs)
            loss = sum((p.item() for p in self.loss(outputs, val.targets).values()), 0.0)
            judged = self.judge(outputs, val.targets, self.threshold)
        self.model.train()
        metrics = {"val/loss": loss, **_numbers(judged.metrics)}
        return metrics, {**judged.fields, "split": "val"}

    def _keep(self, step: int, quality: float, value: float) -> None:
        worth = -quality if self.keeps_the_worst else quality
        if self.shown.checkpoints and self.shown.style == "writer" and worth > self._best:
            self._best = worth
            path, metric = f"checkpoints/step{step}.pt", self.task.monitor
            self.journal.event(
                "checkpoint", step, self.epoch(step), path=path, metric=metric, value=value
            )


def _prepared(task: Task, settings: Settings, seed: int) -> Data:
    """Return the data of a task, cut and mislabelled as the settings say."""
    data = task.data(np.random.default_rng([seed, 3]))
    train, val = data.train.first(settings.samples), data.val.first(settings.val_samples)
    if settings.wrong_labels:
        rng = np.random.default_rng([seed, 4])
        wrong = torch.as_tensor(rng.random(len(train)) < settings.wrong_labels)
        drawn = train.targets[torch.as_tensor(rng.permutation(len(train)))]
        axes = (-1, *[1] * (train.targets.dim() - 1))
        train = replace(train, targets=torch.where(wrong.reshape(axes), drawn, train.targets))
    return replace(data, train=train, val=val)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
