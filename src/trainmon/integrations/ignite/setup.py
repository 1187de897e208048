"""Attaches a logger to all that it needs, in one line."""

import os
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from trainmon.integrations.framework import framework
from trainmon.integrations.ignite.logger import TrainmonLogger
from trainmon.writer.watching.facts import facts_of_optimizers

with framework("ignite", package="pytorch-ignite"):
    from ignite.engine import Engine, Events


def setup_trainmon_logging(
    folder: str | os.PathLike[str],
    trainer: Engine,
    optimizers: Optimizer | Mapping[str, Optimizer] | None = None,
    evaluators: Engine | Mapping[str, Engine] | None = None,
    log_every_iters: int = 1,
    **options: Any,  # noqa: ANN401 - whatever TrainmonLogger takes
) -> TrainmonLogger:
    """Return a logger that is attached to a trainer, its optimizers and its evaluators.

    As Ignite's ``setup_tb_logging`` does: every `log_every_iters` iterations ``train/loss`` is
    logged, if the trainer's output is one number (or ``train/<name>``, if it is a mapping of
    them), with the learning rates; at the end of an epoch the trainer's metrics; when an evaluator
    completes its metrics, as ``<name>/<metric>``, for a single one ``val/<metric>``. For other
    outputs attach an output handler of your own. `options` are those of `TrainmonLogger`.
    """
    logger = TrainmonLogger(folder, trainer=trainer, **options)
    every = Events.ITERATION_COMPLETED(every=log_every_iters)
    named = {"": optimizers} if isinstance(optimizers, Optimizer) else optimizers or {}
    for tag, optimizer in named.items():
        started = Events.ITERATION_STARTED(every=log_every_iters)
        logger.attach_opt_params_handler(trainer, started, optimizer, tag=tag or None)
    logger.attach_output_handler(trainer, every, tag="train", output_transform=_losses)
    logger.attach_output_handler(trainer, Events.EPOCH_COMPLETED, tag="train", metric_names="all")
    engines = {"val": evaluators} if isinstance(evaluators, Engine) else evaluators or {}
    for tag, evaluator in engines.items():
        logger.attach_output_handler(evaluator, Events.COMPLETED, tag=tag, metric_names="all")
    if named:
        logger.writer.configure(facts_of_optimizers(list(named.values())))
    return logger


def _losses(output: object) -> Mapping[str, object]:
    """Return what of a trainer's output are numbers by name; of a tuple nobody can tell."""
    if isinstance(output, Mapping):
        return {name: value for name, value in output.items() if _is_number(value)}
    return {"loss": output} if _is_number(output) else {}


def _is_number(value: object) -> bool:
    return value.numel() == 1 if isinstance(value, Tensor) else isinstance(value, int | float)
