"""A small real training whose every part can be changed before it runs.

A fault is a *twist*: a function that changes a training before its first step, where the mistake
would be made in a script: in the data, the order of batches, the model, the loss, the schedule, the
update, what is reported. All that follows from it is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from tests.evaluation.training.journal import Journal
from tests.evaluation.training.pace import Pace
from tests.evaluation.training.rates import scheduled
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Split, Task

Style = Literal["writer", "plain"]
"""Who measures: the writer (evaluations, layers, inputs, outputs, passes), or the script alone."""

Loss = Callable[[Tensor, Tensor], Parts]
OnBatch = Callable[[int, Split], Split]
OnMetrics = Callable[[int, dict[str, float]], None]
OnEvaluation = Callable[[dict[str, Any], dict[str, float]], None]
"""Of the fields of its event, and of its metrics."""
OnStep = Callable[[int], None]


class CrashError(Exception):
    """Ends a training as an exception of this type and text would."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class KilledError(Exception):
    """Ends a training from outside, without a word in its log."""


@dataclass(slots=True)
class Shown:
    """What of a run is logged at all."""

    style: Style = "writer"
    evaluations: bool = True
    checkpoints: bool = True
    epochs: bool = True
    every: int = 1
    """Steps between the script's own lines."""


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
        self.loss: Loss = lambda o, t: task.loss(o, t, settings)
        self.reported: Callable[[float], float] = lambda loss: loss
        """The training loss as the script logs it."""
        self.judge = task.judge
        self.order: Callable[[int], list[Tensor]] = self.shuffled
        """The batches of a pass, by its number; each holds `accum` micro-batches."""
        self.on_batch: list[OnBatch] = []
        self.on_gradients: list[OnStep] = []
        self.updates: Callable[[int], bool] = lambda _: True
        """Whether the optimizer makes its step."""
        self.zeroes_gradients = True
        self.on_metrics: list[OnMetrics] = []
        self.on_evaluation: list[OnEvaluation] = []
        """Change the event and the metrics of an evaluation."""
        self.stopped = ""
        """Why the script ends the run before its last step."""
        self.keeps_the_worst = False
        """Whether the worst evaluation counts as the best."""
        self.after_step: list[OnStep] = []

        self.journal = Journal("run")
        self.losses: list[float] = []
        self.qualities: list[float] = []
        self.val_losses: list[float] = []
        self.best_kept = -np.inf
        self.ruined_at = 0
        """The step of the first loss that was not a number."""
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
