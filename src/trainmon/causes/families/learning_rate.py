"""Causes that lie in the learning rate, its schedule, the clipping and the regularisation."""

from trainmon.causes.cause import Cause, Sign, Sort
from trainmon.causes.facts import Facts
from trainmon.causes.fixes import learning_rate as fixes
from trainmon.causes.leap import leapt_out_of_the_blue
from trainmon.causes.symptoms import BLOWN, STUCK, WORSE


def _from_strain(facts: Facts) -> bool:
    return facts.came_first("gradient", "loss") and not leapt_out_of_the_blue(facts)


def _rate_had_risen(facts: Facts) -> bool:
    return facts.came_first("learning rate")


def _not_out_of_nowhere(facts: Facts) -> bool:
    """Return whether gradients grew, and did not leap from one batch to the next."""
    return not leapt_out_of_the_blue(facts)


def _spike_stayed(facts: Facts) -> bool:
    return any(not i.cleared or i.severity > 1 for i in facts.of("loss-spike"))


def _unstable_before_collapse(facts: Facts) -> bool:
    collapse = facts.first("metric-collapse")
    unstable = facts.of("loss-spike", "non-finite", "loss-divergence", "grad-explosion")
    before = collapse is not None and any(i.onset_row <= collapse.onset_row for i in unstable)
    return before and not leapt_out_of_the_blue(facts)


def _thrown_off(facts: Facts) -> bool:
    """Return whether a run was thrown off, or has a rate that would throw any off."""
    huge = facts.readings.lr >= _HUGE_RATE and not facts.of("lr-out-of-range")
    return huge or (facts.readings.was_thrown_off and not leapt_out_of_the_blue(facts))


_HUGE_RATE = 0.3
"""A learning rate that no optimizer bears on a network without special care."""


def _schedule_is_over(facts: Facts) -> bool:
    """Return whether the rate was all but 0 for much of the run."""
    return facts.readings.low_rate_share > _MUCH


_MUCH = 0.3
"""Of the run behind the peak: a cosine spends a sixteenth there, a line a hundredth."""


def _too_large_updates(facts: Facts) -> bool:
    return facts.amount("update-ratio", "median") > _LARGE_UPDATE


_LARGE_UPDATE = 1e-2
"""Of the weights per step: healthy is about a thousandth."""

_SMALL_UPDATE = 1e-5
"""Of the weights per step: they move by a hundredth in a thousand steps."""


def _too_small_updates(facts: Facts) -> bool:
    small = 0 < facts.amount("update-ratio", "median") < _SMALL_UPDATE
    return small and not facts.of("clip-saturation", "grad-vanishing") and not _ended(facts)


def _ended(facts: Facts) -> bool:
    return bool(facts.of("lr-schedule-ended", "lr-warmup-reversed")) or _schedule_is_over(facts)


def _creeps(facts: Facts) -> bool:
    """Return whether a run that does not learn has healthy gradients and a tiny rate."""
    readings = facts.readings
    lr = readings.lr if readings.lr > 0 else facts.context.positive("lr") or 0.0
    tiny = 0 < lr <= _TINY_RATE or (lr == 0 and 0 < readings.update_ratio < _SMALL_UPDATE)
    return tiny and not readings.was_thrown_off and not facts.had_learned


_TINY_RATE = 2e-5
"""A learning rate that is small for anything but a fine-tune."""


def _clip_is_small(facts: Facts) -> bool:
    """Return whether the norms are ordinary and the clip is not."""
    return facts.amount("clip-saturation", "median") < _ORDINARY_NORM


def _norms_are_large(facts: Facts) -> bool:
    """Return whether the norms are beyond ordinary ones; those logged after clipping tell none."""
    return facts.amount("clip-saturation", "median") >= _ORDINARY_NORM


_ORDINARY_NORM = 30.0
"""Gradient norms below it are those of healthy trainings of all sizes."""


def _regularised(facts: Facts) -> bool:
    dropout, decay = facts.context.positive("dropout"), facts.context.positive("weight_decay")
    return bool((dropout and dropout >= _HIGH_DROPOUT) or (decay and decay >= _HIGH_DECAY))


_HIGH_DROPOUT = 0.7
"""Share of units: papers go up to a half."""

_HIGH_DECAY = 0.5
"""Weight decay: recipes use a tenth at most, and AdamW multiplies it by the rate."""

CAUSES: tuple[Cause, ...] = (
    Cause(
        id="lr-too-high",
        title="the learning rate is too high",
        prior=0.5,
        signs=(
            Sign("non-finite", 0.8, when=_from_strain, otherwise=0.1),
            Sign("non-finite", 0.4, when=_rate_had_risen),
            Sign("grad-explosion", 0.7, when=_not_out_of_nowhere, otherwise=0.2),
            Sign("loss-divergence", 0.75, when=_not_out_of_nowhere, otherwise=0.3),
            Sign("loss-spike", 0.6, when=_spike_stayed, otherwise=0.25),
            Sign("update-ratio", 0.9, when=_too_large_updates),
            Sign("oscillation", 0.5),
            Sign("clip-saturation", 0.5, when=_norms_are_large, otherwise=0.2),
            Sign("metric-collapse", 0.7, when=_unstable_before_collapse, otherwise=0.1),
            Sign("not-learning", 0.85, when=_thrown_off, otherwise=0.1),
            Sign("class-collapse", 0.5, when=_thrown_off, otherwise=0.05),
        ),
        effects=STUCK | BLOWN | WORSE,
        rivals=("bad-batch", "precision-overflow", "unnormalised-inputs"),
        decider="the gradient norm before clipping: it grows for many steps if the lr is too high",
        disproof="the same trouble at a third of the learning rate",
        fix=fixes.lr_too_high,
        worsens=("unnormalised-inputs", "init-too-large", "precision-overflow", "dead-units"),
    ),
    Cause(
        id="lr-too-low",
        title="the learning rate is too low",
        prior=0.4,
        signs=(
            Sign("lr-out-of-range", 0.95, Sort.EXACT),
            Sign("update-ratio", 0.9, when=_too_small_updates),
            Sign("not-learning", 0.8, when=_creeps, otherwise=0.08),
            Sign("expectation-missed", 0.5, when=_creeps, otherwise=0.05),
        ),
        effects=STUCK | frozenset({"overfitting", "metric-collapse"}),
        rivals=("frozen-weights", "labels-misaligned", "grad-vanishing"),
        decider="the update ratio: below 1e-5 the weights hardly move",
        disproof="no faster fall at ten times the learning rate",
        fix=fixes.lr_too_low,
    ),
    Cause(
        id="lr-warmup-reversed",
        title="the warm-up of the learning rate runs backwards",
        prior=0.9,
        signs=(Sign("lr-warmup-reversed", 0.97, Sort.EXACT),),
        effects=STUCK | BLOWN | frozenset({"lr-out-of-range", "lr-schedule-ended"}),
        rivals=("lr-too-high",),
        decider="the learning rate of the first steps",
        disproof="a rate that rises over the warm-up",
        fix=fixes.lr_warmup_reversed,
    ),
    Cause(
        id="lr-schedule-ended",
        title="the schedule of the learning rate ended before the run",
        prior=0.9,
        signs=(
            Sign("lr-schedule-ended", 0.97, Sort.EXACT),
            Sign("frozen-metric", 0.8, when=_schedule_is_over),
            Sign("not-learning", 0.8, when=_schedule_is_over),
            Sign("lr-out-of-range", 0.6, when=_schedule_is_over),
        ),
        effects=STUCK | frozenset({"lr-out-of-range", "update-ratio", "generalisation-gap"}),
        rivals=(),
        decider="the learning rate of the last steps",
        disproof="a rate above 0",
        fix=fixes.lr_schedule_ended,
    ),
    Cause(
        id="lr-batch-mismatch",
        title="the learning rate does not fit the batch, beside the run that worked",
        prior=0.9,
        signs=(Sign("lr-batch-mismatch", 0.95, Sort.TOLD),),
        effects=STUCK | WORSE,
        rivals=("lr-too-low", "lr-too-high"),
        decider="the same run with the reference's learning rate per sample",
        disproof="no better curve at the reference's learning rate per sample",
        fix=fixes.lr_batch_mismatch,
    ),
    Cause(
        id="clip-saturation",
        title="nearly every gradient is clipped to a fraction of itself",
        prior=0.5,
        signs=(
            Sign("clip-saturation", 0.9, when=_clip_is_small),
            Sign("clip-saturation", 0.5, when=_norms_are_large, otherwise=0.1),
        ),
        effects=STUCK | frozenset({"update-ratio"}),
        rivals=("lr-too-high", "unnormalised-inputs", "init-too-large"),
        decider="the same run with the clip at the 90th percentile of the norms",
        disproof="no faster fall with a higher clip",
        fix=fixes.clip_saturation,
        worsens=("unnormalised-inputs", "init-too-large", "lr-too-high"),
    ),
    Cause(
        id="over-regularised",
        title="regularisation is stronger than the model can learn against",
        prior=0.55,
        signs=(
            Sign("not-learning", 0.85, Sort.TOLD, when=_regularised, otherwise=0.02),
            Sign("train-above-val", 0.6, Sort.TOLD, when=_regularised),
            Sign("train-above-val", 0.4),
            Sign("class-collapse", 0.5, Sort.TOLD, when=_regularised),
            Sign("update-ratio", 0.5, Sort.TOLD, when=_regularised),
        ),
        effects=STUCK | BLOWN | frozenset({"grad-vanishing", "overfitting"}),
        rivals=("lr-too-low", "accumulation-misreport"),
        decider="the train loss in evaluation mode, without dropout and augmentation",
        disproof="the same loss with regularisation switched off",
        fix=fixes.over_regularised,
    ),
)
