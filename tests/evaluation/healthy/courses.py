"""Healthy runs that take another course than most."""

from copy import deepcopy

import numpy as np
from torch import Tensor

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.loop import run
from tests.evaluation.training.outcome import Outcome, all_of, ended_at, reached
from tests.evaluation.training.resume import resumes
from tests.evaluation.training.task import Parts
from tests.evaluation.training.training import Training

PATIENCE = 4
"""Evaluations without a better loss after which the run is stopped."""


def trained_before(training: Training) -> None:
    """Begin with the weights of a whole training by the task's own settings."""
    task = training.task
    before = Training(task, task.settings, training.seed + 5_000)
    run(before)
    training.model.load_state_dict(deepcopy(before.model.state_dict()))
    training.config["init_from"] = "pretrained.pt"


def penalty_warmed_up(training: Training) -> None:
    """Add a penalty on large outputs whose weight rises from nothing over half of the run.

    It is logged as it is, without its weight, as most scripts do.
    """
    main, most = training.loss, 0.02
    training.config["penalty_weight"] = most

    def weight() -> float:
        return most * min(1.0, 2 * training.step / training.total_steps)

    def loss(outputs: Tensor, targets: Tensor) -> Parts:
        parts = dict(main(outputs, targets))
        parts["main"] = parts.pop("")
        return {**parts, "penalty": weight() * outputs.square().mean()}

    def as_it_is(_: int, metrics: dict[str, float]) -> None:
        metrics["train/loss/penalty"] /= weight()

    training.loss = loss
    training.on_metrics.append(as_it_is)


def stops_early(training: Training) -> None:
    """Stop when the validation loss has not been better for some evaluations."""
    seen: list[float] = []
    training.config["patience"] = PATIENCE

    def look(_: dict[str, object], metrics: dict[str, float]) -> None:
        seen.append(metrics["val/loss"])
        if len(seen) - 1 - int(np.argmin(seen)) >= PATIENCE:
            training.stopped = f"val/loss has not been better for {PATIENCE} evaluations"

    training.on_evaluation.append(look)


def loss_turns_up_while_accuracy_rises(outcome: Outcome) -> bool:
    """Return whether the validation loss ends above its best, and the accuracy at its best."""
    told = [r for r in outcome.records if "val/accuracy" in r]
    losses, accuracies = (np.array([r[f"val/{m}"] for r in told]) for m in ("loss", "accuracy"))
    best = int(losses.argmin())
    turned = 1.02 < losses[-3:].mean() / losses[best] < 1.25
    return bool(turned and accuracies[-3:].mean() >= accuracies[best] - 0.002)


def steady(outcome: Outcome) -> bool:
    """Return whether the loss still falls in the last third."""
    losses = np.array(outcome.losses)
    third = len(losses) // 3
    return bool(losses[-third // 3 :].mean() < 0.93 * losses[-third : -2 * third // 3].mean())


def nothing(_: Training) -> None:
    """Leave nothing out."""


RECIPES = (
    Recipe(
        name="fine-tune",
        says="a pre-trained model goes on at a tenth of the rate: it begins near its best",
        tasks=("digits", "cells", "glyphs", "reversal"),
        lr_times=0.1,
        settings={"epochs": 10},
        twists=(trained_before,),
        check=ended_at(0.98),
    ),
    Recipe(
        name="penalty-warmed-up",
        says="the weight of a part of the loss rises, and the total with it",
        tasks=("digits", "characters", "glyphs"),
        twists=(penalty_warmed_up,),
        check=lambda outcome: outcome.last >= 1.0,
    ),
    Recipe(
        name="stopped-early",
        says="early stopping ends the run when the validation loss gets no better",
        tasks=("digits", "screening", "waves", "payments"),
        settings={"schedule": "constant", "epochs": 40},
        twists=(stops_early,),
        check=all_of(reached(0.93), lambda o: any(r.get("event") == "stop" for r in o.records)),
    ),
    Recipe(
        name="converged-long-before",
        says="the loss is as low as it gets after a third of the run",
        tasks=("pairs", "cells", "sketches", "directions"),
        settings={"epochs": 26},
    ),
    Recipe(
        name="slow-but-steady",
        says="a low rate: the loss falls a little all along",
        tasks=("digits", "characters", "glyphs", "payments"),
        lr_times=0.06,
        settings={"schedule": "constant"},
        check=all_of(steady, reached(0.3)),
    ),
    Recipe(
        name="surer-than-it-should-be",
        says="the validation loss turns up slightly while the accuracy still rises",
        tasks=("digits", "glyphs"),
        settings={"samples": 600, "epochs": 40, "weight_decay": 0.0, "schedule": "constant"},
        check=loss_turns_up_while_accuracy_rises,
    ),
    Recipe(
        name="resumed",
        says="the run goes on from a checkpoint with all that belongs to it",
        tasks=("digits", "characters", "glyphs", "payments"),
        twists=(resumes(0.6, nothing),),
    ),
    Recipe(
        name="losses-below-zero",
        says="policy gradients, or log likelihoods: the loss may have either sign",
        tasks=("bandit", "forecasts"),
        check=reached(1.0),
    ),
    Recipe(
        name="very-short",
        says="two epochs: a few dozen records",
        tasks=("digits", "yields", "glyphs", "directions"),
        settings={"epochs": 2, "evaluate_every": 0.5},
        check=reached(0.6),
    ),
)
