"""Groups of findings that many causes bring about, by what a person would call them."""

STUCK = frozenset(
    {
        "not-learning",
        "frozen-metric",
        "metric-zero",
        "class-collapse",
        "degenerate-scores",
        "metric-contradiction",
        "expectation-missed",
        "checkpoint-missing",
        "early-stop",
    }
)
"""It does not learn, and its metrics say so."""

BLOWN = frozenset(
    {
        "non-finite",
        "grad-explosion",
        "loss-divergence",
        "loss-spike",
        "clip-saturation",
        "loss-scale-collapse",
        "update-ratio",
        "init-loss-high",
        "oscillation",
        "crashed",
    }
)
"""It leaps, diverges or breaks."""

WORSE = frozenset(
    {
        "overfitting",
        "metric-collapse",
        "early-stop",
        "generalisation-gap",
        "expectation-missed",
        "checkpoint-missing",
        "metric-zero",
        "frozen-metric",
        "degenerate-scores",
        "class-collapse",
    }
)
"""It was good, and is not any more."""

SLOW = frozenset(
    {"loader-bound", "loader-spikes", "gpu-starved", "throughput-regression", "step-spikes"}
)
"""It takes longer than it should."""
