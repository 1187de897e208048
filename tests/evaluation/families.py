"""The families of faults, by the part of a training in which their cause lies."""

from collections.abc import Mapping

from tests.evaluation.case import Fault

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "numerics": (
        "bad-batch",
        "dead-units",
        "grad-vanishing",
        "init-too-large",
        "precision-overflow",
    ),
    "optimiser": (
        "clip-saturation",
        "frozen-weights",
        "lr-batch-mismatch",
        "lr-schedule-ended",
        "lr-too-high",
        "lr-too-low",
        "lr-warmup-reversed",
    ),
    "learning": (
        "aux-dominates",
        "class-weighting",
        "leakage",
        "missing-early-stop",
        "over-regularised",
        "overfitting",
        "shortcut-learning",
    ),
    "evaluation": (
        "accumulation-misreport",
        "checkpoint-missing",
        "degenerate-scores",
        "eval-subset",
        "label-index",
        "no-positives",
        "resume-jump",
        "threshold-mismatch",
    ),
    "data": (
        "data-duplication",
        "labels-misaligned",
        "unnormalised-inputs",
        "unshuffled-data",
    ),
    "system": (
        "gpu-memory-high",
        "gpu-starved",
        "gpu-throttled",
        "hang",
        "loader-bound",
        "loader-spikes",
        "memory-leak",
        "out-of-memory",
        "process-died",
        "rank-desync",
        "straggler-rank",
        "throughput-regression",
    ),
}

_BY_CAUSE = {cause: family for family, causes in FAMILIES.items() for cause in causes}


def family(fault: Fault) -> str:
    """Return the family of a fault by the best of its causes.

    >>> family(Fault(frozenset({"non-finite"}), ("bad-batch",), 100))
    'numerics'
    """
    return _BY_CAUSE.get(fault.causes[0], "other") if fault.causes else "other"
