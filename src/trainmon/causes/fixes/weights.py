"""What to do about weights that do not move, units that are dead, and numbers that overflow."""

from math import isfinite

from trainmon.causes.facts import Facts
from trainmon.causes.fixes.going_back import go_back


def frozen_weights(facts: Facts) -> list[str]:
    """Return what to look at where the weights do not move."""
    layer = facts.evidence("update-ratio", "layer")
    where = f", first of {layer}" if layer else ""
    return [
        f"look at requires_grad and at which parameters the optimizer holds{where}",
        "build the optimizer after the model was moved, wrapped or had its head replaced",
        "check that optimizer.step() is called, and that the loss scaler does not skip each step",
    ]


def grad_vanishing(facts: Facts) -> list[str]:
    """Return how to let gradients through."""
    layer = facts.evidence("grad-vanishing", "layer")
    where = f" at {layer}" if layer else ""
    return [
        f"look for saturated activations and a detached graph{where}",
        "ReLU or GELU instead of sigmoid or tanh, residual connections, normalisation layers",
        "an initialisation that keeps the scale of activations (He, Glorot)",
    ]


def dead_units(facts: Facts) -> list[str]:
    """Return how to bring units back to life."""
    lr = facts.lr
    first = (
        f"start anew with a lower lr than {lr:g}: units that are dead stay dead"
        if lr
        else ("start anew with a lower lr: units that are dead stay dead")
    )
    return [
        first,
        "leaky ReLU or GELU; biases of 0 at the start",
        "count units that are 0 on a batch",
    ]


def init_too_large(facts: Facts) -> list[str]:
    """Return how to begin near the chance level."""
    first, chance = (
        facts.amount("init-loss-high", "value"),
        facts.amount("init-loss-high", "chance"),
    )
    told = (
        f"the first loss is {first:.3g} where {chance:.3g} is chance: "
        if isfinite(first) and isfinite(chance)
        else ""
    )
    return [
        f"{told}scale the initial weights down, those of the last layer first",
        "normalise the inputs, and divide logits by the square root of their width",
    ]


def precision_overflow(facts: Facts) -> list[str]:
    """Return how to avoid overflows."""
    return [
        "train in bfloat16 instead of float16",
        "keep losses, normalisations and exponentials in float32",
        *go_back(facts),
    ]
