"""Batches in an order, or a number, that nobody meant."""

from dataclasses import replace

import torch
from torch import Tensor

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import Check, Outcome, worse_than
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training


def sorted_by_target(training: Training) -> None:
    """Read the training set as it is stored: sorted by its target."""
    train = training.data.train
    order = train.targets.argsort(stable=True)
    training.data = replace(training.data, train=Split(train.inputs[order], train.targets[order]))


def whole_set_from_each(workers: int) -> Twist:
    """Return a twist by which each worker yields the whole set: every batch comes so many times.

    The loader takes one batch of each worker in turn, and their shuffling has one seed.
    """

    def twist(training: Training) -> None:
        training.config["num_workers"] = workers
        training.config["dataset_kind"] = "iterable"
        once, expected = training.shuffled, training.steps_per_epoch
        training.order = lambda epoch: [b for b in once(epoch) for _ in range(workers)]
        training.steps_per_epoch = workers * expected
        passes = training.total_steps // training.steps_per_epoch
        training.total_steps = passes * training.steps_per_epoch
        training.config |= {"epochs": passes, "total_steps": None, "warmup_steps": None}
        _count_passes(training, expected)

    return twist


def _count_passes(training: Training, expected: int) -> None:
    """Log what the writer's watch of the loader tells at the end of each pass."""

    def tell(step: int, metrics: dict[str, float]) -> None:
        told = training.shown.style == "writer"
        if told and step % training.steps_per_epoch == 0:
            passed = training.steps_per_epoch
            metrics |= {"data/batches": passed, "data/batches_expected": expected}
            metrics["data/distinct_fraction"] = expected / passed

    training.on_metrics.append(tell)


def _pairs_alike(workers: int) -> Check:
    """Return a check of whether the loss moves less within copies of a batch than between."""

    def check(outcome: Outcome) -> bool:
        losses = torch.tensor(outcome.losses[: len(outcome.losses) // workers * workers])
        moves = losses.diff().abs()
        between = moves[workers - 1 :: workers]
        within: Tensor = moves[: workers - 1]
        return bool(between.median() > 0) and bool(within.isfinite().all())

    return check


RECIPES = (
    FaultRecipe(
        name="sorted-by-class",
        says="the training set is sorted by class and not shuffled",
        tasks=("digits", "glyphs", "waves"),
        settings={"shuffle": False, "optimizer": "sgd", "lr": 0.05, "weight_decay": 1e-4},
        twists=(sorted_by_target,),
        rules=frozenset(
            {
                "class-collapse",
                "loss-divergence",
                "loss-spike",
                "metric-collapse",
                "not-learning",
                "oscillation",
                "unshuffled-data",
            }
        ),
        causes=("unshuffled-data",),
        needs={
            "each step": "an epoch would have two or three records",
            "raw loss": "the shape of the loss within an epoch is averaged away",
        },
        check=worse_than(0.97),
    ),
    FaultRecipe(
        name="set-from-each-worker",
        says="each of four workers yields the whole set; the writer counts the batches",
        tasks=("digits", "characters", "glyphs", "payments"),
        settings={"num_workers": 4},
        twists=(whole_set_from_each(4),),
        style="writer",
        rules=frozenset({"data-duplication"}),
        causes=("data-duplication",),
        needs={"each step": "passes are told at the step that ends them"},
        check=_pairs_alike(4),
    ),
    FaultRecipe(
        name="batches-repeated",
        says="each of eight workers yields the whole set, and nobody counts the batches",
        tasks=("screening", "yields", "tumours", "directions"),
        settings={"num_workers": 8},
        twists=(whole_set_from_each(8),),
        style="plain",
        rules=frozenset({"data-duplication"}),
        causes=("data-duplication",),
        needs={
            "each step": "only losses of neighbouring steps tell equal batches",
            "raw loss": "only losses of neighbouring steps tell equal batches",
        },
        check=_pairs_alike(8),
    ),
)
