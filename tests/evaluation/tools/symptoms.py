"""Rules that a check of another tool may be read as naming, where it makes no difference."""

BLOWN_UP = frozenset(
    {
        "clip-saturation",
        "grad-explosion",
        "init-loss-high",
        "loss-divergence",
        "loss-scale-collapse",
        "loss-spike",
        "non-finite",
        "resume-jump",
        "unnormalised-inputs",
    }
)
"""Too large a loss, too large gradients, or none any more."""

RATE_GONE = frozenset({"lr-out-of-range", "lr-schedule-ended", "lr-warmup-reversed"})

STUCK = RATE_GONE | {
    "class-collapse",
    "frozen-metric",
    "grad-vanishing",
    "metric-zero",
    "not-learning",
    "update-ratio",
}
"""A loss that does not fall, for whatever reason."""

OVERFITTING = frozenset(
    {
        "aux-dominates",
        "data-duplication",
        "early-stop",
        "generalisation-gap",
        "metric-collapse",
        "overfitting",
    }
)

WAITING = frozenset({"gpu-starved", "loader-bound", "loader-spikes"})
"""Batches that come too late."""

SLOWER = frozenset(
    {
        "gpu-throttled",
        "memory-leak",
        "step-spikes",
        "straggler-rank",
        "throughput-regression",
    }
)
"""Steps that take longer, some or all of them."""
