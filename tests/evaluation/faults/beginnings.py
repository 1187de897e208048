"""Networks that begin so that little or nothing can be learned."""

import torch
from torch import nn

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import any_of, broke, worse_than
from tests.evaluation.training.training import Training


def multiplied_weights(factor: float) -> Twist:
    """Return a twist by which all weights begin larger."""

    @torch.no_grad()
    def twist(training: Training) -> None:
        for module in training.model.modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                module.weight.mul_(factor)

    return twist


def mean_over_the_batch(training: Training) -> None:
    """Have the model pool over the axis of samples, so that all of a batch get one answer."""
    network = training.model.forward

    def pooled(inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = network(inputs)
        return outputs.mean(0, keepdim=True).expand_as(outputs)

    training.model.forward = pooled


RECIPES = (
    FaultRecipe(
        name="init-too-large",
        says="the weights begin forty times larger than they should",
        tasks=("digits", "yields", "glyphs", "payments"),
        twists=(multiplied_weights(40.0),),
        rules=frozenset(
            {
                "class-collapse",
                "clip-saturation",
                "grad-explosion",
                "init-loss-high",
                "loss-divergence",
                "loss-spike",
                "non-finite",
                "not-learning",
            }
        ),
        causes=("init-too-large",),
        check=any_of(broke, worse_than(0.9)),
    ),
    FaultRecipe(
        name="deep-sigmoids",
        says="ten layers of sigmoids let no gradient through",
        tasks=("digits", "characters", "payments", "directions"),
        settings={"depth": 10, "activation": "sigmoid"},
        style="writer",
        rules=frozenset(
            {"class-collapse", "degenerate-scores", "grad-vanishing", "metric-zero", "not-learning"}
        ),
        causes=("grad-vanishing",),
        needs={"gradients": "only the layers' gradients tell why nothing is learned"},
        check=worse_than(0.3),
    ),
    FaultRecipe(
        name="one-answer",
        says="the model takes the mean over the batch, so that it answers all samples alike",
        tasks=("digits", "screening", "glyphs", "tumours"),
        twists=(mean_over_the_batch,),
        style="writer",
        rules=frozenset(
            {"class-collapse", "degenerate-scores", "frozen-metric", "metric-zero", "not-learning"}
        ),
        causes=("degenerate-scores", "dead-units"),
        check=worse_than(0.3),
    ),
)
