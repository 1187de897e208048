"""When a finding speaks for a cause that lies in the learning rate or what limits a step."""

from math import isfinite

from trainmon.causes.facts import Facts
from trainmon.causes.leap import comes_again, leapt_out_of_the_blue, stands_alone
from trainmon.causes.signs.labels import learns_slowly


def from_strain(facts: Facts) -> bool:
    """Return whether gradients or the loss grew before a value was not finite."""
    return facts.came_first("gradient", "loss") and not leapt_out_of_the_blue(facts)


def rate_had_risen(facts: Facts) -> bool:
    """Return whether the rate rose before a value was not finite."""
    return facts.came_first("learning rate") or facts.rate_had_jumped


def refuses_what_is_not_finite(facts: Facts) -> bool:
    """Return whether an assertion ended the run, so that no record tells of a NaN."""
    return bool(facts.evidence("crashed", "speaks_of") == "not finite")


def not_out_of_nowhere(facts: Facts) -> bool:
    """Return whether gradients grew, and did not leap from one batch to the next."""
    return not leapt_out_of_the_blue(facts)


def spike_stayed(facts: Facts) -> bool:
    """Return whether the loss did not come back from a spike that no single batch made."""
    stayed = any(not i.cleared or i.severity > 1 for i in facts.of("loss-spike"))
    single = leapt_out_of_the_blue(facts) or comes_again(facts) or stands_alone(facts)
    return stayed and not single


def unstable_before_collapse(facts: Facts) -> bool:
    """Return whether training was unstable before a metric collapsed, or its rate is beyond use."""
    collapse = facts.first("metric-collapse")
    unstable = facts.of("loss-spike", "non-finite", "loss-divergence", "grad-explosion")
    before = collapse is not None and any(i.onset_row <= collapse.onset_row for i in unstable)
    return facts.rate_is_huge or (before and not leapt_out_of_the_blue(facts))


def thrown_off(facts: Facts) -> bool:
    """Return whether a run was thrown off, or has a rate that would throw any off."""
    off = facts.readings.was_thrown_off or facts.began_above_chance
    return facts.rate_is_huge or (off and not leapt_out_of_the_blue(facts))


def rate_is_huge(facts: Facts) -> bool:
    """Return whether the rate is far above the usual: it cannot be too low then."""
    return facts.rate_is_huge


def nothing_to_compare_with(facts: Facts) -> bool:
    """Return whether no reference run tells that rate and batch do not fit each other."""
    return not facts.of("lr-batch-mismatch")


def rate_is_up(facts: Facts) -> bool:
    """Return whether the rates that are logged tell that no schedule has ended."""
    last, highest = facts.last_lr, facts.readings.lr
    return last is not None and last > _OF_PEAK * highest and not facts.of("lr-schedule-ended")


_OF_PEAK = 1e-2
"""Of the highest rate: a schedule that stands above it has not ended."""


def rate_never_fell_at_once(facts: Facts) -> bool:
    """Return whether rates are logged, and none of them tells of a warm-up that runs backwards."""
    found = facts.of("lr-warmup-reversed") or fell_at_once(facts)
    return isfinite(facts.readings.lr) and not found


def schedule_is_over(facts: Facts) -> bool:
    """Return whether the rate was all but 0 for much of the run, and not from the start."""
    return facts.readings.low_rate_share > _MUCH and not fell_at_once(facts)


_MUCH = 0.3
"""Of the run behind the peak: a cosine spends a sixteenth there, a line a hundredth."""


def fell_at_once(facts: Facts) -> bool:
    """Return whether the schedule ended before it had begun: a warm-up that falls does so."""
    return facts.readings.fell_at_once


def fell_later(facts: Facts) -> bool:
    """Return whether a rate that ended had been up for a while."""
    return not fell_at_once(facts)


def too_large_updates(facts: Facts) -> bool:
    """Return whether the weights change by more than they bear."""
    return facts.amount("update-ratio", "median") > _LARGE_UPDATE


_LARGE_UPDATE = 1e-2
"""Of the weights per step: healthy is about a thousandth."""

_SMALL_UPDATE = 1e-5
"""Of the weights per step: they move by a hundredth in a thousand steps."""


def too_small_updates(facts: Facts) -> bool:
    """Return whether the weights hardly change, and nothing but the rate explains it."""
    small = 0 < facts.amount("update-ratio", "median") < _SMALL_UPDATE
    return small and not facts.of("clip-saturation", "grad-vanishing") and not _ended(facts)


def _ended(facts: Facts) -> bool:
    return bool(facts.of("lr-schedule-ended", "lr-warmup-reversed")) or schedule_is_over(facts)


def creeps(facts: Facts) -> bool:
    """Return whether a run that does not learn has a tiny rate, or learns little by little."""
    readings = facts.readings
    lr = readings.lr if readings.lr > 0 else facts.context.positive("lr") or 0.0
    tiny = 0 < lr <= (_TINY_RATE_OF_SGD if facts.steps_plainly else _TINY_RATE) or (
        lr == 0 and 0 < readings.update_ratio < _SMALL_UPDATE
    )
    creeps = tiny or learns_slowly(facts)
    return creeps and not readings.was_thrown_off and not facts.had_learned


_TINY_RATE = 2e-5
"""A learning rate that is small for anything but a fine-tune."""

_TINY_RATE_OF_SGD = 1e-3
"""The same without a division by the gradients' own size: recipes use a hundredth and more."""


def clip_is_small(facts: Facts) -> bool:
    """Return whether the norms are ordinary and the clip is not."""
    return facts.amount("clip-saturation", "median") < _ORDINARY_NORM


def all_is_clipped_away(facts: Facts) -> bool:
    """Return whether the clip leaves next to nothing of a gradient, and nothing makes up for it."""
    clip, norm = facts.context.clip, facts.readings.grad_norm
    ordinary = facts.steps_plainly and norm < _ORDINARY_NORM
    return ordinary and clip is not None and norm > _FAR_ABOVE * clip


_FAR_ABOVE = 100.0
"""Times the clip: the rate is less than a hundredth of what is configured."""


def norms_are_large(facts: Facts) -> bool:
    """Return whether the norms are beyond ordinary ones; those logged after clipping tell none."""
    return facts.amount("clip-saturation", "median") >= _ORDINARY_NORM


_ORDINARY_NORM = 30.0
"""Gradient norms below it are those of healthy trainings of all sizes."""


def regularised(facts: Facts) -> bool:
    """Return whether dropout or weight decay are beyond what recipes use."""
    dropout, decay = facts.context.positive("dropout"), facts.context.positive("weight_decay")
    return bool((dropout and dropout >= _HIGH_DROPOUT) or (decay and decay >= _HIGH_DECAY))


def drops_nearly_all(facts: Facts) -> bool:
    """Return whether dropout leaves so little that no model could overfit."""
    return (facts.context.positive("dropout") or 0.0) >= _NEARLY_ALL


_NEARLY_ALL = 0.9
"""Share of units that are dropped."""

_HIGH_DROPOUT = 0.7
"""Share of units: papers go up to a half."""

_HIGH_DECAY = 0.5
"""Weight decay: recipes use a tenth at most, and AdamW multiplies it by the rate."""
