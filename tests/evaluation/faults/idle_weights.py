"""Weights that do not move, or units that do not answer."""

from copy import deepcopy

import torch
from torch import nn

from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import worse_than
from tests.evaluation.training.training import Training

IDLE = frozenset(
    {
        "class-collapse",
        "degenerate-scores",
        "frozen-metric",
        "grad-vanishing",
        "metric-zero",
        "not-learning",
        "update-ratio",
    }
)
"""What a model looks like that does not change."""


def optimizer_of_another_model(training: Training) -> None:
    """Let the optimizer hold the parameters of a copy that was made before."""
    training.optimizer = training.new_optimizer(list(deepcopy(training.model).parameters()))


def step_never_called(training: Training) -> None:
    """Leave out the optimizer's step; nobody who listens to it measures an update then."""
    training.updates = lambda _: False
    training.on_metrics.append(_without_update)


def all_but_the_last_bias_frozen(training: Training) -> None:
    """Freeze all parameters but the last one."""
    *frozen, _ = training.model.parameters()
    for parameter in frozen:
        parameter.requires_grad = False
    training.optimizer = training.new_optimizer()


@torch.no_grad()
def units_switched_off(training: Training) -> None:
    """Begin with biases so low that no hidden unit is ever positive."""
    *hidden, _ = [m for m in training.model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    for layer in hidden:
        assert layer.bias is not None
        layer.bias.fill_(-20.0)


def _without_update(_: int, metrics: dict[str, float]) -> None:
    metrics.pop("update_ratio", None)


RECIPES = (
    FaultRecipe(
        name="optimizer-of-another-model",
        says="the optimizer holds the parameters of a copy of the model",
        tasks=("digits", "yields", "glyphs", "tumours"),
        twists=(optimizer_of_another_model,),
        rules=IDLE,
        causes=("frozen-weights",),
        check=worse_than(0.3),
    ),
    FaultRecipe(
        name="step-never-called",
        says="optimizer.step() is missing",
        tasks=("screening", "digits", "glyphs", "payments"),
        twists=(step_never_called,),
        style="plain",
        rules=IDLE,
        causes=("frozen-weights",),
        check=worse_than(0.3),
    ),
    FaultRecipe(
        name="all-frozen",
        says="all parameters but the last bias have requires_grad=False",
        tasks=("digits", "yields", "glyphs", "tumours"),
        twists=(all_but_the_last_bias_frozen,),
        style="writer",
        rules=IDLE,
        causes=("frozen-weights",),
        needs={"config": "only the number of trainable parameters tells it from dead units"},
        check=worse_than(0.3),
    ),
    FaultRecipe(
        name="dead-units",
        says="biases begin so low that no hidden unit is ever positive",
        tasks=("digits", "screening", "glyphs", "tumours"),
        twists=(units_switched_off,),
        style="writer",
        rules=IDLE,
        causes=("dead-units", "grad-vanishing"),
        needs={"gradients": "only the layers' gradients of 0 tell it from other idleness"},
        check=worse_than(0.3),
    ),
)
