"""Evaluations of a training, and the checkpoints that follow from them."""

from typing import Any

import numpy as np
import torch

from tests.evaluation.training.training import Training

EVALUATION_STEPS = 12
"""Steps' worth of time that an evaluation takes."""


def conclude(training: Training, step: int) -> None:
    """Evaluate where it is time, and keep a checkpoint if it is the best so far."""
    interval = max(round(training.settings.evaluate_every * training.steps_per_epoch), 1)
    if step % interval and step != training.total_steps:
        return
    metrics, fields = evaluated(training)
    value = metrics.get(training.task.monitor, np.nan)
    training.qualities.append(training.task.quality(value))
    training.val_losses.append(metrics["val/loss"])
    if not training.shown.evaluations:
        return
    training.journal.now += EVALUATION_STEPS * training.pace.compute
    if training.shown.style == "plain":
        kept = ("val/loss", *training.task.plain_metrics)
        metrics = {name: metrics[name] for name in kept}
    if not training.task.logs_val_loss:
        del metrics["val/loss"]
    for change in training.on_evaluation:
        change(fields, metrics)
    epoch = training.epoch(step)
    if training.shown.style == "writer":
        training.journal.event("evaluation", step, epoch, **fields)
    training.journal.log(metrics, step, epoch)
    _keep(training, step, training.qualities[-1], value)


def evaluated(training: Training) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the metrics of an evaluation by name, and the fields of its event."""
    val = training.data.val
    training.model.eval()
    with torch.no_grad():
        outputs = training.model(val.inputs)
        loss = sum((p.item() for p in training.loss(outputs, val.targets).values()), 0.0)
        judged = training.judge(outputs, val.targets, training.threshold)
    training.model.train()
    metrics = {name: float(value) for name, value in judged.metrics.items()}  # type: ignore[arg-type]  # numbers of any library
    return {"val/loss": loss, **metrics}, {**judged.fields, "split": "val"}


def _keep(training: Training, step: int, quality: float, value: float) -> None:
    worth = -quality if training.keeps_the_worst else quality
    shown = training.shown
    if shown.checkpoints and shown.style == "writer" and worth > training.best_kept:
        training.best_kept = worth
        told = {"path": f"checkpoints/step{step}.pt", "metric": training.task.monitor}
        training.journal.event("checkpoint", step, training.epoch(step), **told, value=value)
