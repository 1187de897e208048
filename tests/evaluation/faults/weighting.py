"""Losses in which one class or one part counts for all the others."""

import torch
from torch import Tensor
from torch.nn import functional

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import Check, Outcome, worse_than
from tests.evaluation.training.task import Parts
from tests.evaluation.training.training import Training


def positives_weigh(weight: float) -> Twist:
    """Return a twist by which a positive counts as much as so many negatives."""

    def twist(training: Training) -> None:
        training.config["pos_weight"] = weight
        factor = torch.tensor(weight)

        def loss(outputs: Tensor, targets: Tensor) -> Parts:
            cross_entropy = functional.binary_cross_entropy_with_logits
            return {"": cross_entropy(outputs, targets.float(), pos_weight=factor)}

        training.loss = loss

    return twist


def one_class_weighs(weight: float) -> Twist:
    """Return a twist by which one class counts as much as so many of the others."""

    def twist(training: Training) -> None:
        classes = int(training.task.config["num_classes"])
        weights = torch.ones(classes)
        weights[3 % classes] = weight
        training.config["class_weights"] = weights.tolist()

        def loss(outputs: Tensor, targets: Tensor) -> Parts:
            return {"": functional.cross_entropy(outputs, targets, weights)}

        training.loss = loss

    return twist


def auxiliary(weight: float) -> Twist:
    """Return a twist that adds a part to the loss which nothing can lower: a target of noise."""

    def twist(training: Training) -> None:
        training.config["aux_weight"] = weight
        main = training.loss
        noise = torch.Generator().manual_seed(training.seed)

        def loss(outputs: Tensor, targets: Tensor) -> Parts:
            parts = dict(main(outputs, targets))
            wanted = torch.randn(outputs.shape, generator=noise)
            parts["main"] = parts.pop("")
            return {**parts, "aux": weight * functional.mse_loss(outputs, wanted)}

        training.loss = loss

    return twist


def one_class_predicted(share: float) -> Check:
    """Return a check of whether one class has this share of the last predictions."""

    def check(outcome: Outcome) -> bool:
        shares = [r["predicted_shares"] for r in outcome.records if r.get("event") == "evaluation"]
        return bool(min(max(shares[-1]), max(shares[len(shares) // 2])) >= share)

    return check


RECIPES = (
    FaultRecipe(
        name="positives-weigh-too-much",
        says="a positive counts as much as three thousand negatives",
        tasks=("screening", "tumours", "payments"),
        settings={
            "clip": 1.0,
            "wrong_labels": 0.3,
            "optimizer": "adamw",
            "lr": 1e-3,
            "width": 16,
        },
        twists=(positives_weigh(3e3),),
        style="writer",
        rules=frozenset(
            {"class-collapse", "degenerate-scores", "frozen-metric", "threshold-mismatch"}
        ),
        causes=("class-weighting",),
        needs={"config": "only the configuration tells of the weight"},
        check=one_class_predicted(0.9),
    ),
    FaultRecipe(
        name="one-class-weighs-too-much",
        says="one class counts as much as ten thousand of the others",
        tasks=("digits", "glyphs", "waves"),
        settings={"clip": 1.0, "wrong_labels": 0.3},
        twists=(one_class_weighs(1e4),),
        style="writer",
        rules=frozenset({"class-collapse", "degenerate-scores", "frozen-metric", "not-learning"}),
        causes=("class-weighting",),
        needs={"config": "only the configuration tells of the weight"},
        check=one_class_predicted(0.95),
    ),
    FaultRecipe(
        name="auxiliary-outweighs",
        says="an auxiliary part that cannot be lowered counts a hundred times",
        tasks=("digits", "characters", "glyphs", "waves"),
        settings={"clip": None},
        twists=(auxiliary(100.0),),
        rules=frozenset({"aux-dominates", "not-learning"}),
        causes=("aux-dominates",),
        check=worse_than(0.7),
    ),
)
