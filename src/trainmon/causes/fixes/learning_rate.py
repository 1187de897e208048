"""What to do about learning rates, schedules, clipping and regularisation."""

from math import isfinite

from trainmon.causes.facts import Facts, rate, third
from trainmon.causes.fixes.going_back import go_back

_WARMED = 0.05
"""Share of a run that a warm-up takes at most in common recipes."""


def lr_too_high(facts: Facts) -> list[str]:
    """Return how to calm a run whose steps are too large."""
    lr, raised = facts.lr, facts.raised_lr
    steps = [f"lower lr from {rate(lr)} to {third(lr)}" if lr else "lower the lr to a third"]
    if raised and lr:
        steps = [f"keep lr at {rate(lr)}: the schedule had raised it to {rate(raised)} by then"]
    if facts.context.clip is None:
        steps.append("clip the gradient norm near its 90th percentile, for example at 1.0")
    if not facts.context.number("warmup_steps"):
        steps.append("warm the learning rate up over the first 1 to 5 % of the steps")
    return [*steps, *go_back(facts)]


def lr_too_low(facts: Facts) -> list[str]:
    """Return how to let a run take steps that its weights feel."""
    lr, configured = facts.readings.lr, facts.context.positive("lr")
    if configured and isfinite(lr) and 0 < lr < configured / 100:
        steps = [f"find out why {rate(configured)} became {rate(lr)}: what divides the rate?"]
    elif lr > 0:
        steps = [f"raise lr from {rate(lr)} to {rate(lr * 10)}, then tenfold again"]
    elif configured:
        steps = [f"raise lr from {rate(configured)} to {rate(configured * 10)}, then tenfold again"]
    else:
        steps = ["raise the lr tenfold, then tenfold again"]
    return [*steps, "a sweep over 5 rates, some hundred steps each, shows where it begins to learn"]


def lr_warmup_reversed(facts: Facts) -> list[str]:
    """Return how to turn the warm-up round."""
    warmup = facts.amount("lr-warmup-reversed", "warmup_steps")
    steps = f"{warmup:,.0f}" if isfinite(warmup) else "warmup_steps"
    peak = facts.context.positive("lr") or facts.amount("lr-warmup-reversed", "first")
    to = f"{rate(peak)}" if isfinite(peak) and peak > 0 else "its peak"
    return [
        f"let the rate rise from near 0 to {to}: factor min(1, (step + 1) / {steps})",
        "print the factor at steps 0, 1 and at the end of the warm-up before the next start",
    ]


def lr_schedule_ended(facts: Facts) -> list[str]:
    """Return how to give a schedule the length of the run."""
    planned = facts.context.planned_steps
    length = f" to the {planned:,.0f} planned steps" if planned else " to the steps of the run"
    return [
        "stop: with an lr of 0 its weights do not change any more",
        f"set the length of the schedule{length}",
        "step the scheduler once per optimizer step if it counts steps, else once per epoch",
    ]


def lr_batch_mismatch(facts: Facts) -> list[str]:
    """Return the learning rate that the run that worked would have at this batch."""
    factor = facts.amount("lr-batch-mismatch", "factor")
    lr = facts.context.positive("lr")
    steps = []
    if lr and isfinite(factor) and factor > 0:
        square = lr * factor**0.5
        steps.append(
            f"raise lr from {rate(lr)} towards {rate(square)} (the square root of the ratio), at "
            f"most to {rate(lr * factor)} with a warm-up"
            if factor > 1
            else f"lower lr from {rate(lr)} towards {rate(square)}"
        )
    batch = facts.amount("lr-batch-mismatch", "reference_effective_batch")
    if isfinite(batch):
        steps.append(f"or go back to an effective batch of {batch:,.0f}")
    return [*steps, "change one of the listed differences at a time"]


def clip_saturation(facts: Facts) -> list[str]:
    """Return how to let the size of gradients count again."""
    clip, median = facts.context.clip, facts.amount("clip-saturation", "median")
    steps = []
    if clip and isfinite(median):
        steps.append(
            f"raise clip from {clip:g} to the 90th percentile of the norms, near {median:.2g}"
        )
    lr, effective = facts.lr, facts.amount("clip-saturation", "effective_lr")
    undone = facts.evidence("clip-saturation", "scale_is_undone")
    if undone:
        name = str(facts.context.settings.get("optimizer"))
        steps.append(
            f"leave lr as it is: {name} undoes a constant scale, and what the clip does is make "
            "large and small gradients count the same"
        )
    elif lr and isfinite(effective):
        acts = "what acts now" if undone is False else "with plain SGD, what acts now"
        steps.append(f"or lower lr: {acts} is {rate(effective)}, not {rate(lr)}, at each step anew")
    return [
        *steps,
        "find out why gradients are that large: the inputs and the first layers",
    ]


def over_regularised(facts: Facts) -> list[str]:
    """Return what to weaken."""
    dropout, decay = facts.context.positive("dropout"), facts.context.positive("weight_decay")
    steps = []
    if decay:
        steps.append(f"lower weight decay from {decay:g} to {decay / 10:g}")
    if dropout:
        steps.append(f"lower dropout from {dropout:g} to {dropout / 2:g}")
    return [*steps, "weaken augmentation until the train loss falls below the val loss"]
