"""Healthy runs on machines that are watched, or that pause a little now and then."""

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.machine import GIB, Machine, watched
from tests.evaluation.training.pace import Pace
from tests.evaluation.training.training import Training


def pauses(training: Training) -> None:
    """Have Python collect its garbage: every now and then a step takes twice as long."""
    late = training.computing[150::150]
    late += training.pace.compute * training.rng.uniform(0.6, 1.4, len(late))


RECIPES = (
    Recipe(
        name="watched-machine",
        says="probes tell of a card that is busy, warm and three quarters full",
        tasks=("digits", "yields", "tumours", "directions"),
        twists=(watched(Machine(card_used=lambda _: 17.6 * GIB)),),
    ),
    Recipe(
        name="pauses",
        says="now and then a step takes twice as long",
        tasks=("digits", "characters", "payments", "sketches"),
        twists=(pauses,),
    ),
    Recipe(
        name="rough-times",
        says="waits and steps vary by a third, without a pattern",
        tasks=("screening", "yields", "tumours", "directions"),
        pace=Pace(compute=0.05, compute_spread=0.12, prepare=0.06, prepare_spread=0.4),
    ),
    Recipe(
        name="fast-steps",
        says="steps of some milliseconds, of which the hand-over is a part",
        tasks=("digits", "yields", "payments", "sketches"),
        pace=Pace(compute=0.04, compute_spread=0.08, prepare=0.02),
    ),
)
