"""What a judgement rests on: which metric was taken for what, and what was known of the plan."""

from collections.abc import Iterator

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
    )
    told = [f"{amount:,.6g} {unit}" for amount, unit in plan if amount]
    yield f"planned: {', '.join(told) if told else 'not told'}"
    if context.reference is not None:
        yield f"compared with: {context.reference.name}"
    for override in context.roles.overrides:
        if any(override.matches(name) for name in run.lead.series):
            yield f"as told: {override.pattern} is {override.role.value}"
