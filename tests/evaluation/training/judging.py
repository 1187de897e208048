"""Evaluations of the usual kinds, summarised by the writer itself as it would in a script."""

from torch import Tensor

from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.evaluation import Evaluation


def classes(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the evaluation of logits (n, classes) or (n, positions, classes)."""
    del threshold
    scores = outputs.reshape(-1, outputs.shape[-1]).numpy()
    return evaluate("val", targets.reshape(-1).numpy(), scores, kind="multiclass")


def positives(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the evaluation of logits (n,) of one class, as probabilities."""
    scores = outputs.sigmoid().reshape(-1).numpy()
    return evaluate("val", targets.reshape(-1).numpy(), scores, threshold, kind="binary")


def quantities(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the evaluation of predicted quantities (n,) or (n, outputs)."""
    del threshold
    return evaluate("val", targets.numpy(), outputs.numpy(), kind="regression")
