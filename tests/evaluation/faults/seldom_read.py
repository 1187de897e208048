"""Machines whose readings stand in the record of every 30th step, and are a few dozen in all."""

import numpy as np

from tests.evaluation.recipe import FaultRecipe, Needs, Twist
from tests.evaluation.training.machine import GIB
from tests.evaluation.training.outcome import learned
from tests.evaluation.training.training import Training

SELDOM = 30
"""Steps between two readings."""

READINGS: Needs = {"ten steps": "of readings of every 30th step a handful is left"}


def read(**told: tuple[float, float, float]) -> Twist:
    """Return a twist by which readings go from one value to another, with some noise of their own.

    Each is told by its first value, its last, and the noise as a share.
    """

    def twist(training: Training) -> None:
        rng = np.random.default_rng(training.total_steps)
        training.onset = 0.0

        def add(step: int, metrics: dict[str, float]) -> None:
            if (step - 1) % SELDOM:
                return
            progress = step / training.total_steps
            for name, (first, last, noise) in told.items():
                value = first + (last - first) * progress
                place = name.replace("gpu_", "gpu0/", 1)
                metrics[f"sys/{place}"] = value * (1 + noise * float(rng.normal()))

        training.on_metrics.append(add)

    return twist


RECIPES = (
    FaultRecipe(
        name="leak-seldom-read",
        says="the process takes ever more memory, of which every 30th step tells",
        tasks=("digits", "screening", "tumours", "payments"),
        twists=(read(rss=(6 * GIB, 25 * GIB, 0.02), mem_total=(62 * GIB, 62 * GIB, 0.0)),),
        rules=frozenset({"memory-leak"}),
        causes=("memory-leak",),
        needs=READINGS,
        check=learned,
    ),
    FaultRecipe(
        name="card-idle-seldom-read",
        says="the card computes for less than half of the time, of which every 30th step tells",
        tasks=("digits", "characters", "tumours", "payments"),
        twists=(read(gpu_util=(0.44, 0.41, 0.06)),),
        rules=frozenset({"gpu-starved"}),
        causes=("gpu-starved", "loader-bound"),
        needs=READINGS,
        check=learned,
    ),
)
