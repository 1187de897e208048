"""Causes that lie in the weights: frozen, dead, begun too large, or beyond their number format."""

from collections.abc import Mapping
from math import inf, isfinite
from typing import Any

from trainmon.causes.cause import Cause, Sign, Sort
from trainmon.causes.facts import Facts
from trainmon.causes.fixes import weights as fixes
from trainmon.causes.symptoms import BLOWN, STUCK, WORSE
from trainmon.evaluating.metrics import quantity_of
from trainmon.roles import Role


def _never_moved(facts: Facts) -> bool:
    """Return whether no update was ever above 0, while nothing else explains that."""
    return facts.readings.update_peak == 0 and not _stopped_later(facts)


def _stopped_later(facts: Facts) -> bool:
    """Return whether the weights moved at first: a schedule that ended, or overflows, stop them.

    So does a step that leaves no gradient: one that was there and is gone moved them, and where the
    rate is beyond use one that is 0 from the first record on was gone before that.
    """
    readings = facts.readings
    lost = readings.gradient_died or (readings.grad_norm == 0 and facts.rate_is_huge)
    ended = facts.of("lr-schedule-ended", "loss-scale-collapse", "lr-out-of-range")
    return bool(ended) or readings.update_peak > 0 or lost


def _val_loss_is_frozen(facts: Facts) -> bool:
    """Return whether the validation loss is bit-equal from the start: only frozen weights do so."""
    frozen = [i for i in facts.of("frozen-metric") if i.metric == facts.context.val_loss]
    from_start = any(not i.evidence.get("before") for i in frozen)
    return from_start and not _stopped_later(facts)


def _hardly_moves(facts: Facts) -> bool:
    """Return whether of all layers only biases, or none, are updated."""
    layers = facts.context.names(Role.LAYER_UPDATE_RATIO)
    return bool(layers) and all(layer.endswith("bias") for layer in layers)


def _only_biases_learn(facts: Facts) -> bool:
    """Return whether as few numbers can be trained as the model has answers: its last biases."""
    trainable = facts.context.positive("trainable_parameters") or inf
    answers = facts.context.positive("num_classes") or 1.0
    every = facts.context.positive("parameters") or 0.0
    return trainable <= max(answers, _PAIR) and every > _FAR_MORE * trainable


_PAIR = 2.0
"""Answers of a model of two classes, if it has one for each."""

_FAR_MORE = 20.0
"""Times what is trained: what is not trained is the model."""


def _ranking_is_frozen(facts: Facts) -> bool:
    """Return whether all scores moved by the same, if at all: their order never changed."""
    frozen = [i for i in facts.of("frozen-metric") if quantity_of(str(i.metric)) in _RANKINGS]
    from_start = any(not i.evidence.get("before") and _is_some(i.evidence) for i in frozen)
    # Scores that are all but equal have no order to begin with.
    return from_start and not _stopped_later_than_start(facts) and not facts.of("degenerate-scores")


_RANKINGS = frozenset({"auroc", "ap"})


def _is_some(evidence: Mapping[str, Any]) -> bool:
    """Return whether a ranking is one: where all scores are equal, or all right, it is none."""
    return evidence.get("value") not in (0, 0.5, 1)


def _stopped_later_than_start(facts: Facts) -> bool:
    return bool(facts.of("lr-schedule-ended", "lr-warmup-reversed", "loss-scale-collapse"))


def _no_gradient(facts: Facts) -> bool:
    return facts.readings.grad_norm < _NO_GRADIENT


_NO_GRADIENT = 1e-6
"""A gradient norm below which weights do not move at any usual learning rate."""


def _lost_gradient(facts: Facts) -> bool:
    """Return whether gradients were there at first, and are all but gone."""
    readings = facts.readings
    gone = readings.grad_norm < _LOST * readings.first_grad_norm
    return gone or (readings.grad_norm == 0 and readings.first_grad_norm > 0)


_LOST = 1e-2
"""Of the first gradient norm, while nothing has been learned."""


def _one_answer(facts: Facts) -> bool:
    """Return whether a model that does not learn gives one answer to everything."""
    one = bool(facts.standing("class-collapse", "degenerate-scores")) and not facts.of(
        "grad-vanishing"
    )
    return one and _not_thrown_off(facts)


def _begins_as_usual(facts: Facts) -> bool:
    """Return whether gradients were neither huge at first nor are small after a leap."""
    return not facts.readings.begins_huge and _not_thrown_off(facts)


def _killed(facts: Facts) -> bool:
    """Return whether a rate beyond use left nothing of gradients that were there at first."""
    return facts.readings.gradient_died and facts.rate_is_huge


def _not_thrown_off(facts: Facts) -> bool:
    return not facts.readings.was_thrown_off and not facts.began_above_chance


def _begins_huge(facts: Facts) -> bool:
    """Return whether gradients are huge from the first step on, with inputs that are fine."""
    told = facts.readings.begins_huge and _starts_far_above(facts)
    return told and not facts.rate_is_huge  # one step at such a rate makes any gradient huge


def _dead_from_the_start(facts: Facts) -> bool:
    return facts.readings.first_grad_norm < _NO_GRADIENT


def _starts_far_above(facts: Facts) -> bool:
    """Return whether the first loss is what is wrong, with inputs that are fine."""
    return not facts.of("unnormalised-inputs")


def _in_half_precision(facts: Facts) -> bool:
    """Return whether the run computes in float16, whose largest number is 65,504."""
    precision = str(facts.context.settings.get("precision", "")).lower()
    return ("fp16" in precision or "float16" in precision) and "b" not in precision


def _scaled(facts: Facts) -> bool:
    precision = str(facts.context.settings.get("precision", "")).lower()
    return isfinite(facts.amount("loss-scale-collapse", "scale")) or (
        "16" in precision and "b" not in precision
    )


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="frozen-weights",
        title="the weights do not move",
        prior=0.6,
        signs=(
            Sign("update-ratio", 0.97, Sort.EXACT, when=_never_moved, otherwise=0.05),
            Sign("frozen-metric", 0.9, Sort.EXACT, when=_val_loss_is_frozen, otherwise=0.05),
            Sign("not-learning", 0.9, Sort.EXACT, when=_never_moved),
            Sign("not-learning", 0.8, when=_hardly_moves, otherwise=0.2),
            Sign("not-learning", 0.95, Sort.TOLD, when=_only_biases_learn),
            Sign("class-collapse", 0.9, Sort.TOLD, when=_only_biases_learn),
            Sign("frozen-metric", 0.9, Sort.EXACT, when=_ranking_is_frozen),
        ),
        # Gradients that no optimizer takes off pile up from step to step.
        effects=STUCK
        | frozenset({"grad-vanishing", "grad-explosion", "clip-saturation"})
        # A last bias that drifts moves all scores past the threshold.
        | frozenset({"threshold-mismatch", "metric-collapse", "overfitting"}),
        rivals=("lr-too-low", "dead-units", "grad-vanishing"),
        decider="the update ratio: log.watch(model, optimizer) logs it",
        disproof="an update ratio above 0",
        fix=fixes.frozen_weights,
    ),
    Cause(
        id="grad-vanishing",
        title="gradients vanish on their way to the first layers",
        prior=0.5,
        signs=(
            Sign("grad-vanishing", 0.95, when=_begins_as_usual, otherwise=0.4),
            Sign("not-learning", 0.6, when=_dead_from_the_start, otherwise=0.05),
        ),
        effects=STUCK | WORSE | frozenset({"update-ratio", "threshold-mismatch"}),
        rivals=("dead-units", "frozen-weights"),
        decider="the gradient norm by layer: log.watch(model, optimizer) logs it",
        disproof="first layers whose gradients are as large as those of the last",
        fix=fixes.grad_vanishing,
        denied=_killed,
    ),
    Cause(
        id="dead-units",
        title="units are dead: they are 0 whatever comes in",
        prior=0.4,
        signs=(
            Sign("grad-vanishing", 0.7, when=_lost_gradient, otherwise=0.3),
            Sign("not-learning", 0.7, when=_lost_gradient),
            Sign("not-learning", 0.6, when=_one_answer, otherwise=0.08),
            Sign("class-collapse", 0.5, when=_lost_gradient, otherwise=0.2),
        ),
        effects=STUCK | WORSE | frozenset({"update-ratio", "threshold-mismatch"}),
        rivals=("lr-too-high", "grad-vanishing", "labels-misaligned"),
        decider="the share of units that are 0 on a whole batch",
        disproof="units of all layers that react to the input",
        fix=fixes.dead_units,
    ),
    Cause(
        id="init-too-large",
        title="the weights begin too large",
        prior=0.4,
        signs=(
            Sign("init-loss-high", 0.9, when=_starts_far_above, otherwise=0.4),
            Sign("clip-saturation", 0.7, when=_begins_huge),
            Sign("grad-explosion", 0.5, when=_begins_huge),
            Sign("not-learning", 0.6, when=_begins_huge),
        ),
        effects=STUCK | BLOWN | WORSE,  # what begins that large learns by heart
        rivals=("unnormalised-inputs", "lr-too-high"),
        decider="the standard deviation of the logits before the first step: log.outputs(logits)",
        disproof="logits with a standard deviation near 1 before the first step",
        fix=fixes.init_too_large,
    ),
    Cause(
        id="precision-overflow",
        title="numbers overflow in half precision",
        prior=0.9,
        signs=(
            Sign("loss-scale-collapse", 0.97, Sort.EXACT),
            Sign("non-finite", 0.9, when=lambda f: f.came_first("loss scale"), otherwise=0.03),
            Sign("grad-explosion", 0.3, when=_scaled),
            Sign("non-finite", 0.7, Sort.TOLD, when=_in_half_precision),
        ),
        effects=BLOWN | STUCK,
        rivals=("lr-too-high", "bad-batch"),
        decider="the loss scale (amp/scale): it is halved again and again before an overflow",
        disproof="the same trouble in float32 or bfloat16",
        fix=fixes.precision_overflow,
    ),
)
