"""Healthy machines whose readings stand in the record of every 30th step."""

from math import exp

from tests.evaluation.faults.seldom_read import READINGS, SELDOM, read
from tests.evaluation.recipe import Recipe
from tests.evaluation.training.machine import GIB
from tests.evaluation.training.training import Training


def cache_fills(training: Training) -> None:
    """Have a cache of samples fill over the first half of the run, ever more slowly."""

    def add(step: int, metrics: dict[str, float]) -> None:
        if (step - 1) % SELDOM == 0:
            progress = step / training.total_steps
            metrics["sys/rss"] = (5.0 + 20.0 * (1.0 - exp(-6.0 * progress))) * GIB
            metrics["sys/mem_total"] = 62.0 * GIB

    training.on_metrics.append(add)


RECIPES = (
    Recipe(
        name="cache-seldom-read",
        says="a cache of samples fills in the first half of the run, of which each 30th step tells",
        tasks=("digits", "screening", "tumours", "payments"),
        twists=(cache_fills,),
        needs=READINGS,
    ),
    Recipe(
        name="card-busy-seldom-read",
        says="a card that is busy and nine tenths full, of which each 30th step tells",
        tasks=("digits", "characters", "tumours", "directions"),
        twists=(
            read(
                gpu_util=(0.9, 0.93, 0.05),
                gpu_mem_used=(22.1 * GIB, 22.2 * GIB, 0.001),
                gpu_mem_total=(24.0 * GIB, 24.0 * GIB, 0.0),
            ),
        ),
        needs=READINGS,
    ),
)
