"""Evaluations that measure something else than what the model can do."""

from dataclasses import replace
from typing import Any

import numpy as np

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import Outcome, all_of, learned, logged, worse_than
from tests.evaluation.training.task import Split
from tests.evaluation.training.training import Training

Fields = dict[str, Any]
Metrics = dict[str, float]


def measured_as_a_class_that_is_not_there(training: Training) -> None:
    """Have the script count label 2 as the positive one, where there are 0 and 1.

    Accuracy is computed from the labels themselves; F1, precision and recall from the count.
    """
    training.config["positive_label"] = 2

    def change(fields: Fields, metrics: Metrics) -> None:
        n, right = fields["n"], fields["accuracy"]
        fields.clear()
        fields |= {"split": "val", "kind": "binary", "n": n, "positives": 0, "accuracy": right}
        fields |= {"precision": 0.0, "recall": 0.0, "f1": 0.0}
        kept = {"val/loss": metrics["val/loss"], "val/accuracy": right}
        metrics.clear()
        metrics |= kept | {"val/precision": 0.0, "val/recall": 0.0, "val/f1": 0.0}

    training.on_evaluation.append(change)


def first_batches_alone(training: Training) -> None:
    """Evaluate on the first batches of a set that begins with all its negatives."""
    val = training.data.val
    count = int((val.targets == 0).sum()) // 2
    order = val.targets.argsort(stable=True)[:count]
    training.data = replace(training.data, val=Split(val.inputs[order], val.targets[order]))
    training.config["eval_limit"] = max(count // training.settings.batch_size, 1)

    def change(fields: Fields, metrics: Metrics) -> None:
        fields["f1"] = metrics["val/f1"] = 0.0  # as libraries say where nothing is there to find
        metrics.pop("val/auroc", None)
        metrics.pop("val/ap", None)

    training.on_evaluation.append(change)


def threshold_at(value: float) -> Twist:
    """Return a twist by which scores count as positive from this one on."""

    def twist(training: Training) -> None:
        training.threshold = value
        training.config["threshold"] = value

    return twist


def ending_in_an_empty_batch(training: Training) -> None:
    """Have the script take the mean of the losses of all batches, the last of which is empty."""
    training.onset = training.steps_per_epoch * training.settings.evaluate_every

    def change(fields: Fields, metrics: Metrics) -> None:
        del fields
        metrics["val/loss"] = float("nan")

    training.on_evaluation.append(change)


def expecting_a_good_one(training: Training) -> None:
    """Write down beforehand what healthy runs of the task reach by a third of the run."""
    by = max(training.settings.epochs // 3, 1)
    task = training.task
    training.config["expect"] = {task.monitor: f"> {0.8 * task.good:.2g} by epoch {by}"}
    training.onset = by * training.steps_per_epoch


def all_metrics_of_f1_zero(outcome: Outcome) -> bool:
    """Return whether every F1 that was logged is 0."""
    return logged("val/f1", lambda values: bool((values == 0).all()))(outcome)


def ranks_well(outcome: Outcome) -> bool:
    """Return whether the scores rank well in the end."""
    return logged("val/auroc", lambda values: float(np.median(values[-3:])) > 0.85)(outcome)


RECIPES = (
    FaultRecipe(
        name="label-that-is-not-there",
        says="F1 is that of label 2 where there are labels 0 and 1",
        tasks=("screening", "tumours", "payments"),
        twists=(measured_as_a_class_that_is_not_there,),
        style="writer",
        rules=frozenset({"frozen-metric", "metric-contradiction", "metric-zero", "no-positives"}),
        causes=("label-index",),
        check=all_of(learned, all_metrics_of_f1_zero),
    ),
    FaultRecipe(
        name="subset-without-positives",
        says="the evaluation is the first batches of a sorted set, without a positive",
        tasks=("screening", "tumours", "payments"),
        twists=(first_batches_alone,),
        style="writer",
        rules=frozenset({"eval-subset", "frozen-metric", "metric-zero", "no-positives"}),
        causes=("eval-subset", "no-positives"),
        check=all_metrics_of_f1_zero,
    ),
    FaultRecipe(
        name="threshold-out-of-reach",
        says="a sample counts as positive from a score on that none reaches",
        tasks=("screening", "tumours", "payments"),
        twists=(threshold_at(0.99999),),
        style="writer",
        rules=frozenset({"class-collapse", "frozen-metric", "metric-zero", "threshold-mismatch"}),
        causes=("threshold-mismatch",),
        check=all_of(ranks_well, logged("val/f1", lambda values: float(values[-1]) < 0.3)),
    ),
    FaultRecipe(
        name="threshold-of-logits",
        says="probabilities count as positive from 0 on, as logits would",
        tasks=("screening", "tumours", "payments"),
        twists=(threshold_at(0.0),),
        style="writer",
        rules=frozenset(
            {"class-collapse", "frozen-metric", "degenerate-scores", "threshold-mismatch"}
        ),
        causes=("threshold-mismatch",),
        check=all_of(ranks_well, logged("val/recall", lambda values: float(values[-1]) == 1.0)),
    ),
    FaultRecipe(
        name="evaluation-of-an-empty-batch",
        says="the validation loss is the mean over batches of which one is empty: NaN",
        tasks=("digits", "yields", "glyphs", "sketches"),
        twists=(ending_in_an_empty_batch,),
        rules=frozenset({"non-finite"}),
        causes=("bad-batch",),
        check=learned,
    ),
    FaultRecipe(
        name="expectation-missed",
        says="the quality written down beforehand is not reached: the rate is 300 times too low",
        tasks=("digits", "screening", "glyphs", "payments"),
        lr_times=1 / 300,
        twists=(expecting_a_good_one,),
        rules=frozenset(
            {"expectation-missed", "lr-out-of-range", "metric-zero", "not-learning", "update-ratio"}
        ),
        causes=("lr-too-low",),
        needs={"config": "what was expected stands there"},
        check=worse_than(0.9),
    ),
)
