"""Causes that lie in the weights: frozen, dead, begun too large, or beyond their number format."""

from math import isfinite

from trainmon.causes.cause import Cause, Sign, Sort
from trainmon.causes.facts import Facts
from trainmon.causes.fixes import weights as fixes
from trainmon.causes.symptoms import BLOWN, STUCK


def _no_update(facts: Facts) -> bool:
    return facts.amount("update-ratio", "median") == 0 or facts.readings.update_ratio == 0


def _val_loss_is_frozen(facts: Facts) -> bool:
    """Return whether the validation loss itself is bit-equal: only frozen weights do that."""
    frozen = facts.of("frozen-metric")
    return any(i.metric is not None and i.metric == facts.context.val_loss for i in frozen)


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


def _dead_from_the_start(facts: Facts) -> bool:
    return facts.readings.first_grad_norm < _NO_GRADIENT


def _starts_far_above(facts: Facts) -> bool:
    """Return whether the first loss is what is wrong, with inputs that are fine."""
    return not facts.of("unnormalised-inputs")


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
            Sign("update-ratio", 0.97, Sort.EXACT, when=_no_update),
            Sign("frozen-metric", 0.9, Sort.EXACT, when=_val_loss_is_frozen, otherwise=0.1),
            Sign("not-learning", 0.9, Sort.EXACT, when=_no_update, otherwise=0.1),
        ),
        effects=STUCK | frozenset({"grad-vanishing"}),
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
            Sign("grad-vanishing", 0.9),
            Sign("not-learning", 0.6, when=_dead_from_the_start, otherwise=0.05),
        ),
        effects=STUCK | frozenset({"update-ratio"}),
        rivals=("dead-units", "frozen-weights"),
        decider="the gradient norm by layer: log.watch(model, optimizer) logs it",
        disproof="first layers whose gradients are as large as those of the last",
        fix=fixes.grad_vanishing,
    ),
    Cause(
        id="dead-units",
        title="units are dead: they are 0 whatever comes in",
        prior=0.4,
        signs=(
            Sign("grad-vanishing", 0.7, when=_lost_gradient, otherwise=0.3),
            Sign("not-learning", 0.7, when=_lost_gradient, otherwise=0.08),
            Sign("class-collapse", 0.5, when=_lost_gradient, otherwise=0.1),
        ),
        effects=STUCK | frozenset({"update-ratio"}),
        rivals=("lr-too-high", "grad-vanishing", "labels-misaligned"),
        decider="the share of units that are 0 on a whole batch",
        disproof="units of all layers that react to the input",
        fix=fixes.dead_units,
    ),
    Cause(
        id="init-too-large",
        title="the weights begin too large",
        prior=0.4,
        signs=(Sign("init-loss-high", 0.9, when=_starts_far_above, otherwise=0.4),),
        effects=STUCK | BLOWN,
        rivals=("unnormalised-inputs", "lr-too-high"),
        decider="the standard deviation of the logits before the first step: log.outputs(logits)",
        disproof="logits with a standard deviation near 1 before the first step",
        fix=fixes.init_too_large,
    ),
    Cause(
        id="precision-overflow",
        title="numbers overflow in half precision",
        prior=0.5,
        signs=(
            Sign("loss-scale-collapse", 0.95, Sort.TOLD),
            Sign("non-finite", 0.9, when=lambda f: f.came_first("loss scale"), otherwise=0.03),
            Sign("grad-explosion", 0.3, when=_scaled),
        ),
        effects=BLOWN | frozenset({"checkpoint-missing"}),
        rivals=("lr-too-high", "bad-batch"),
        decider="the loss scale (amp/scale): it is halved again and again before an overflow",
        disproof="the same trouble in float32 or bfloat16",
        fix=fixes.precision_overflow,
    ),
)
