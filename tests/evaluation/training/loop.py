"""The loop of a training: steps, what is logged of each, evaluations between them, and the end."""

from contextlib import suppress
from math import isfinite

import torch
from torch import Tensor

from tests.evaluation.training import forensics, norms
from tests.evaluation.training.evaluating import conclude
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.pace import times
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import CrashError, KilledError, Training
from trainmon.writer.rarely import FIRST_CALLS
from trainmon.writer.summaries.inputs import inputs as inputs_of
from trainmon.writer.summaries.outputs import outputs as outputs_of

UPDATES_EVERY = 10
LAYERS_EVERY = 50
"""Steps between measurements of update ratios and of layers."""


def run(training: Training) -> Outcome:
    """Train to the end, or to the crash; return what became of it."""
    journal = training.journal
    waits, wholes = times(training.computing, training.preparing, training.pace, training.rng)
    journal.header(training.told_config())
    try:
        while training.step < training.total_steps and not training.stopped:
            index = min(training.step, len(waits) - 1)
            journal.now += float(wholes[index])
            _train(training, float(waits[index]), float(wholes[index]))
        if training.stopped:
            journal.event("stop", training.step, why=training.stopped)
        journal.event("finish", training.step, status="finished")
    except KilledError:
        pass
    except CrashError as error:
        told = {"type": error.kind, "message": str(error)}
        trace = f"Traceback (most recent call last):\n  ...\n{error.kind}: {error}\n"
        journal.event("exception", training.step, **told, traceback=trace)
    return Outcome(
        qualities=training.qualities,
        losses=training.losses,
        val_losses=training.val_losses,
        records=journal.records,
        onset=training.onset,
    )


def _train(training: Training, wait: float, whole: float) -> None:
    """Make one step and log it."""
    step = training.step = training.step + 1
    rate = training.rate(step)
    for group in training.optimizer.param_groups:
        group["lr"] = rate
    loss, parts, batch = _backward(training, step)
    for change in training.on_gradients:
        change(step)
    metrics = {"train/loss": training.reported(loss), "lr": rate}
    metrics |= {f"train/loss/{name}": value for name, value in parts.items() if name}
    metrics |= _update(training, step)
    metrics |= {"data_time": wait, "step_time": whole}
    metrics["samples"] = step * training.settings.batch_size * training.settings.accum
    training.losses.append(loss)
    for tell in training.on_metrics:
        tell(step, metrics)
    if step % training.shown.every == 0 or training.shown.every == 1:
        training.journal.log(metrics, step, training.epoch(step))
    if training.shown.style == "writer":
        _tell_if_not_finite(training, step, metrics["train/loss"], batch)
    for act in training.after_step:
        act(step)
    conclude(training, step)


def _backward(training: Training, step: int) -> tuple[float, dict[str, float], Split]:
    """Make the gradients of a step, micro-batch by micro-batch; return loss, parts and the last."""
    if training.zeroes_gradients:
        training.optimizer.zero_grad(set_to_none=True)
        training.model.zero_grad(set_to_none=True)
    micro = torch.split(training.batch(step), training.settings.batch_size)
    total, told = 0.0, dict[str, float]()
    for chosen in micro:
        batch = training.data.train.take(chosen)
        for change in training.on_batch:
            batch = change(step, batch)
        outputs = training.model(batch.inputs)
        parts = training.loss(outputs, batch.targets)
        loss = sum(parts.values(), torch.zeros(()))
        (loss / len(micro)).backward()  # type: ignore[no-untyped-call]  # torch's own
        total += loss.item() / len(micro)
        for name, value in parts.items():
            told[name] = told.get(name, 0.0) + value.item() / len(micro)
    _look(training, step, batch, outputs.detach())
    return total, told, batch


def _update(training: Training, step: int) -> dict[str, float]:
    """Make the optimizer's step; return the norms before clipping and, at times, the ratios."""
    gradients = [p.grad for p in training.model.parameters() if p.grad is not None]
    norm = norms.together(gradients)
    metrics = {"grad_norm": norm}
    by_layer = training.shown.style == "writer" and step % LAYERS_EVERY == 1
    if by_layer:
        metrics |= norms.layers(training.model)
    norms.clip(gradients, norm, training.settings.clip)
    before = norms.Weights(training.model) if step % UPDATES_EVERY == 1 else None
    if training.updates(step):
        training.optimizer.step()
    if before is not None:
        ratios = before.updates()
        metrics |= ratios if by_layer else {"update_ratio": ratios["update_ratio"]}
    return metrics


def _look(training: Training, step: int, batch: Split, outputs: Tensor) -> None:
    """Tell what goes in and what comes out, at the calls at which the writer would."""
    if training.shown.style == "plain" or step not in FIRST_CALLS:
        return
    place = (step, training.epoch(step))
    names = training.data.names or None
    training.journal.event("inputs", *place, **inputs_of(batch.inputs, batch.targets, names))
    with suppress(ValueError):  # where the two do not go together the writer tells nothing
        training.journal.event("outputs", *place, **outputs_of(outputs, batch.targets))


def _tell_if_not_finite(training: Training, step: int, loss: float, batch: Split) -> None:
    """Tell what the writer's watch tells of the first such loss, and one step later."""
    if not training.ruined_at and not isfinite(loss):
        training.ruined_at = step
        passed, index = divmod(step - 1, training.steps_per_epoch)
        told = forensics.of_the_loss(loss, training.model, batch, index, passed)
        training.journal.event("nonfinite", step, **told)
    elif training.ruined_at and step == training.ruined_at + 1:
        weights = forensics.of_the_weights(training.model, training.ruined_at)
        if weights is not None:
            training.journal.event("nonfinite", step, **weights)
