"""What a judgement rests on: which metric was taken for what, and what was known of the plan.

All of it can be overruled: roles by ``--role``, settings by ``--set``.
"""

from collections.abc import Iterator

import numpy as np

from trainmon.context import Context
from trainmon.roles import Direction
from trainmon.view import RunView


def assumptions(run: RunView) -> Iterator[str]:
    """Yield lines on the metrics that were judged, the one that decides, and the plan."""
    context = run.context
    judged = (
        ("train loss", context.train_loss),
        ("val loss", context.val_loss),
        ("learning rate", context.learning_rate),
        ("gradient norm", context.grad_norm),
        ("data time", context.data_time),
        ("step time", context.step_time),
    )
    taken = [f"{role} {name}" for role, name in judged if name is not None]
    yield (
        f"taken for: {', '.join(taken)}" if taken else "taken for: no metric has a role that counts"
    )
    if context.monitored:
        name, direction = context.monitored
        way = "direction unknown" if direction == Direction.UNKNOWN else direction.value
        yield f"decided by: {name}, {way}"
    elif context.settings.get("monitor"):
        yield f"decided by: {context.settings['monitor']}, which is not logged so far"
    plan = (
        (context.planned_epochs, "epochs"),
        (context.planned_steps, "steps"),
        (context.steps_per_epoch, "steps an epoch"),
        (context.effective_batch, "samples a step"),
    )
    told = [f"{amount:,.6g} {unit}" for amount, unit in plan if amount]
    yield f"planned: {', '.join(told) if told else 'not told'}"
    yield f"observed: {', '.join(_observed(run, context))}"
    if run.chance:
        yield f"chance: {', '.join(f'{level.loss:.4g} ({level.words})' for level in run.chance)}"
    if context.reference is not None:
        yield f"compared with: {context.reference.name}"
    yield from _as_told(run, context)


def _observed(run: RunView, context: Context) -> Iterator[str]:
    """Yield what the curves say of the plan."""
    steps, observed = run.lead.steps, context.observed
    if observed.warm_row is None:
        yield "still warming up"
    elif observed.warm_row > context.baseline_row:
        yield f"warmed up at step {steps[observed.warm_row]:,.0f}"
    else:
        yield "no warm-up"
    if observed.learning_row is None or observed.learning_row >= len(steps):
        yield "learning is not judged yet"
    elif np.isfinite(steps[observed.learning_row]):
        yield f"learning is judged from step {steps[observed.learning_row]:,.0f} on"
    else:
        yield f"learning is judged from record {observed.learning_row:,} on"
    if context.baseline_row:
        yield f"went on at step {steps[context.baseline_row]:,.0f}"
    if context.smoothed:
        yield "the train loss is an average already"
    if context.epoch_records:
        yield "each record is an epoch"


def _as_told(run: RunView, context: Context) -> Iterator[str]:
    """Yield what a person told."""
    for override in context.roles.overrides:
        if any(override.matches(name) for name in run.lead.series):
            yield f"as told: {override.pattern} is {override.role.value}"
    for key, value in context.assumed.items():
        yield f"as told: {key} is {value}"
