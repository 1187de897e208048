"""Healthy runs on machines that are watched, or that pause a little now and then."""

from math import exp

from tests.evaluation.recipe import Recipe
from tests.evaluation.training.machine import GIB, Machine, Sampling, watched
from tests.evaluation.training.outcome import all_of, learned, logged
from tests.evaluation.training.pace import Pace
from tests.evaluation.training.training import Training


def pauses(training: Training) -> None:
    """Have Python collect its garbage: every now and then a step takes twice as long."""
    late = training.computing[150::150]
    late += training.pace.compute * training.rng.uniform(0.6, 1.4, len(late))


def fills_and_stays(training: Training) -> None:
    """Have the data fill the memory in the first epoch, and the allocator of the card its cache."""
    epochs = training.settings.epochs
    like = Machine(
        rss=lambda p: (4.0 + 26.0 * min(1.0, p * epochs)) * GIB,
        card_used=lambda p: (9.0 + 12.5 * (1.0 - exp(-3.0 * p * epochs))) * GIB,
    )
    watched(like)(training)


def evaluates_for_long(training: Training, sampling: Sampling) -> None:
    """Have evaluations compute on the CPU for half a minute, while the card idles."""

    def pause(*_: object) -> None:
        training.journal.now += 30.0
        sampling.upto(training.journal.now, 0.03)

    training.on_evaluation.append(pause)


RECIPES = (
    Recipe(
        name="card-at-95",
        says="a card that is in use for 95 % of the time, as most are in a training that is well",
        tasks=("screening", "characters", "tumours", "payments"),
        twists=(watched(Machine(busy=0.957)),),
    ),
    Recipe(
        name="memory-fills-and-stays",
        says="data are read into memory in the first epoch, the card's cache fills, and both stay",
        tasks=("digits", "yields", "tumours", "payments"),
        twists=(fills_and_stays,),
    ),
    Recipe(
        name="short-throttle",
        says="for a twentieth of the run the card is hot and lowers its clock, and then no more",
        tasks=("digits", "screening", "payments", "directions"),
        twists=(watched(Machine(cooling=lambda p: 0.26 if 0.4 < p < 0.43 else 0.125)),),
        check=all_of(
            learned,
            logged("sys/gpu0/throttle/sw_thermal", lambda hot: bool(0 < hot.mean() < 0.12)),
        ),
    ),
    Recipe(
        name="long-evaluations",
        says="evaluations take half a minute on the CPU, and the card idles meanwhile",
        tasks=("digits", "characters", "tumours", "directions"),
        twists=(watched(then=evaluates_for_long),),
    ),
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
