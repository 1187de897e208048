"""The ids of all rules and causes, as the specification of the diagnosis fixes them."""

_RULES = """
    non-finite grad-explosion grad-vanishing clip-saturation loss-spike loss-divergence
    loss-scale-collapse init-loss-high
    not-learning frozen-metric metric-collapse metric-contradiction expectation-missed metric-zero
    class-collapse no-positives threshold-mismatch degenerate-scores overfitting early-stop
    oscillation aux-dominates suspiciously-good unshuffled-data
    lr-warmup-reversed lr-out-of-range lr-schedule-ended lr-batch-mismatch update-ratio config-risk
    accumulation-misreport train-above-val eval-subset checkpoint-missing resume-jump
    generalisation-gap
    data-duplication unnormalised-inputs loader-spikes loader-bound step-spikes
    gpu-starved gpu-memory-high memory-leak gpu-throttled throughput-regression stalled crashed
    straggler-rank rank-desync
"""

_CAUSES = """
    lr-too-high lr-too-low lr-warmup-reversed lr-schedule-ended lr-batch-mismatch frozen-weights
    grad-vanishing dead-units init-too-large clip-saturation precision-overflow bad-batch
    unnormalised-inputs labels-misaligned label-index class-weighting no-positives eval-subset
    threshold-mismatch degenerate-scores shortcut-learning overfitting data-duplication
    unshuffled-data missing-early-stop aux-dominates accumulation-misreport resume-jump loader-bound
    loader-spikes gpu-starved gpu-memory-high memory-leak gpu-throttled throughput-regression
    straggler-rank rank-desync out-of-memory checkpoint-missing over-regularised leakage
    process-died hang
"""

RULES = frozenset(_RULES.split())

CAUSES = frozenset(_CAUSES.split())
