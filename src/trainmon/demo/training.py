"""The training loop of the demo: real gradients, real waits, and a log of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from time import perf_counter
from time import sleep as real_sleep
from typing import Final, Protocol

import numpy as np

from trainmon.demo.evaluation import evaluate
from trainmon.demo.loader import batches
from trainmon.demo.network import Floats, Network
from trainmon.demo.optimizer import clip_gradients, optimizer_for
from trainmon.demo.pace import Pace
from trainmon.demo.recipe import CLASSES, STEPS, STEPS_PER_EPOCH, Recipe
from trainmon.demo.schedule import learning_rate
from trainmon.demo.task import FEATURES, Split, Task

VALIDATION_SAMPLES: Final = 2_000
"""Samples of an evaluation: the error of an accuracy of 90 % is then 0.7 %."""


class Log(Protocol):
    """What a training needs of a `trainmon.Writer`."""

    def log(self, metrics: Mapping[str, float], /, *, step: int, epoch: float) -> None:
        """Write the metrics of a step."""

    def event(self, kind: str, /, *, step: int, epoch: float, **fields: object) -> None:
        """Write an event."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The parameters that did best on the validation set, kept in memory."""

    step: int
    loss: float
    parameters: tuple[Floats, ...]


def train(
    recipe: Recipe,
    log: Log,
    *,
    seed: int = 0,
    steps: int = STEPS,
    pace: float | None = None,
    clock: Callable[[], float] = perf_counter,
    sleep: Callable[[float], None] = real_sleep,
) -> Checkpoint:
    """Train for so many steps, log each of them, and return the best checkpoint.

    `pace` is the number of steps per second to hold back to; no logged time includes that wait.
    All randomness comes from `seed`, all time from `clock` and `sleep` (seconds). A loss that
    overflows goes on as NaN and warns of nothing: one of the recipes is about that.
    """
    data_rng, loader_rng, network_rng = np.random.default_rng(seed).spawn(3)
    training, validation = _data(recipe, data_rng)
    network = Network((FEATURES, *recipe.hidden, CLASSES), network_rng)
    optimizer = optimizer_for(recipe, network.parameters)
    loader = batches(training, recipe, loader_rng, sleep)
    pacer = Pace(pace, clock, sleep)
    best = Checkpoint(0, inf, ())
    for step in range(1, steps + 1):
        lr = learning_rate(recipe, step, steps)
        started = clock()
        batch = next(loader)
        fetched = clock()
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradients = network.loss_and_gradients(batch.inputs, batch.labels)
            grad_norm = clip_gradients(gradients, recipe.clip)
            optimizer.step(gradients, lr)
        metrics = {
            "train/loss": loss,
            "lr": lr,
            "grad_norm": grad_norm,
            "data_time": fetched - started,
            "step_time": clock() - started,
            "samples": step * recipe.batch_size,
        }
        log.log(metrics, step=step, epoch=step / STEPS_PER_EPOCH)
        if step % STEPS_PER_EPOCH == 0:
            best = _conclude_epoch(log, step, network, validation, best)
        pacer.wait()
    return best


def _data(recipe: Recipe, rng: np.random.Generator) -> tuple[Split, Split]:
    """Return the training and the validation set; only the former may have wrong labels."""
    task = Task(rng)
    training = task.draw(recipe.train_samples, recipe.wrong_labels, rng)
    return training, task.draw(VALIDATION_SAMPLES, 0.0, rng)


def _conclude_epoch(
    log: Log, step: int, network: Network, validation: Split, best: Checkpoint
) -> Checkpoint:
    """Evaluate and log; return a new checkpoint if it is the best so far, else the old one."""
    with np.errstate(over="ignore", invalid="ignore"):
        evaluation = evaluate(network, validation)
    epoch = step / STEPS_PER_EPOCH
    metrics = {
        "val/loss": evaluation.loss,
        "val/accuracy": evaluation.accuracy,
        "val/f1": evaluation.f1,
    }
    log.log(metrics, step=step, epoch=epoch)
    counts = {"n": evaluation.samples, "confusion": evaluation.confusion}
    log.event("evaluation", step=step, epoch=epoch, split="val", **counts)
    if not evaluation.loss < best.loss:
        return best
    log.event("checkpoint", step=step, epoch=epoch, metric="val/loss", value=evaluation.loss)
    return Checkpoint(step, evaluation.loss, tuple(array.copy() for array in network.parameters))
