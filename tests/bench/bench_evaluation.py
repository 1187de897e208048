"""How long an evaluation takes, of a million binary scores first of all.

Beside it stand the least that ranking them takes, one `np.sort`, and scikit-learn's
`roc_auc_score`, which computes one of the thirty figures.

    python -m tests.bench.bench_evaluation [--quick]
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from sklearn.metrics import roc_auc_score, top_k_accuracy_score

from tests.bench.table import Row, main
from trainmon.writer.rarely import EVERY, Rarely
from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.inputs import inputs

SCORES = 1_000_000
CLASSES = 100
SAMPLES = 100_000
BUDGET_MS = 150.0
ROUNDS = 15
CALLS = 100_000


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call in milliseconds, after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1e3


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the time of evaluations of two classes and of many, and of looking at inputs."""
    rounds = ROUNDS // 3 if quick else ROUNDS
    rng = np.random.default_rng(0)
    labels = (rng.random(SCORES) < 0.3).astype(np.int64)
    scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.15), 0, 1).astype(np.float32)
    classes = rng.integers(0, CLASSES, SAMPLES)
    logits = rng.normal(size=(SAMPLES, CLASSES)).astype(np.float32)
    images = rng.random((64, 3, 224, 224), dtype=np.float32)

    binary = median_ms(lambda: evaluate("val", labels, scores), rounds)
    sort = median_ms(lambda: np.sort(scores), rounds)
    area = median_ms(lambda: roc_auc_score(labels, scores), rounds)
    many = median_ms(lambda: evaluate("val", classes, logits), rounds)
    top = median_ms(lambda: top_k_accuracy_score(classes, logits, k=5), max(rounds // 5, 1))
    looks = median_ms(lambda: inputs(images), rounds)
    mean = median_ms(lambda: images.mean(axis=(0, 2, 3)), rounds)
    what = "evaluation of 1,000,000 scores, 2 classes"
    return [
        Row(what, binary, "ms", BUDGET_MS, sort, "np.sort of the scores"),
        Row(what, binary, "ms", BUDGET_MS, area, "scikit-learn roc_auc_score"),
        Row("evaluation of 100,000 x 100 classes", many, "ms", None, top, "scikit-learn top-5"),
        Row("inputs() of 64 images, when due", looks, "ms", None, mean, "images.mean() by channel"),
        Row(
            "inputs() when not due, beside a call",
            not_due_ns(),
            "ns",
            None,
            empty_call_ns(),
            "def f",
        ),
    ]


def not_due_ns() -> float:
    """Return the nanoseconds that it takes to find that nothing is due."""
    rarely = Rarely()
    for _ in range(EVERY):
        rarely.due()
    return ns_of(rarely.due)


def empty_call_ns() -> float:
    """Return the nanoseconds of a call that does nothing."""

    def nothing() -> None:
        """Return."""

    return ns_of(nothing)


def ns_of(call: Callable[[], object]) -> float:
    """Return the mean time of a call in nanoseconds."""
    start = perf_counter()
    for _ in range(CALLS):
        call()
    return (perf_counter() - start) / CALLS * 1e9


if __name__ == "__main__":
    main(measure)
