"""Loaders that keep the device waiting, and devices that hold up the loop."""

from collections.abc import Callable

import numpy as np

from tests.evaluation.recipe import FaultRecipe, Needs, Twist
from tests.evaluation.training.machine import watched
from tests.evaluation.training.outcome import Check, Outcome, logged
from tests.evaluation.training.pace import Pace, Seconds
from tests.evaluation.training.training import Training

EACH_STEP: Needs = {"each step": "of ten spikes one is logged"}


def stalls(share: float, seconds: float) -> Twist:
    """Return a twist by which a share of batches takes a worker so many seconds more."""

    def twist(training: Training) -> None:
        count = len(training.preparing)
        slow = training.rng.random(count) < share
        training.onset = float(slow.argmax() + 1)
        training.preparing += slow * training.rng.lognormal(np.log(seconds), 0.4, count)

    return twist


def opens_a_shard(every: int, seconds: float) -> Twist:
    """Return a twist by which every n-th batch waits for the next file, however many workers."""

    def twist(training: Training) -> None:
        training.onset = every + 1
        late = training.preparing[every::every]
        late += seconds * training.rng.lognormal(0, 0.1, len(late))

    return twist


def compiles_anew(every: int, seconds: float) -> Twist:
    """Return a twist by which every n-th step comes in a new shape and is compiled."""

    def twist(training: Training) -> None:
        training.onset = every + 1
        late = training.computing[every::every]
        late += seconds * training.rng.lognormal(0, 0.1, len(late))

    return twist


def slower(factor: float, at: float) -> Twist:
    """Return a twist by which the device is slower from a share of the run on."""

    def twist(training: Training) -> None:
        start = round(at * training.total_steps)
        training.onset = start + 1
        training.computing[start:] *= factor

    return twist


def waits(least: float) -> Check:
    """Return a check of which share of the time the loop waited for data."""

    def check(outcome: Outcome) -> bool:
        told = [r for r in outcome.records if "data_time" in r]
        waited = sum(r["data_time"] for r in told)
        return bool(waited >= least * sum(r["step_time"] for r in told))

    return check


def ends_slower(factor: float) -> Callable[[Seconds], bool]:
    """Return a check of whether the last steps take so many times as long as the first."""
    return lambda seen: bool(np.median(seen[-50:]) > factor * np.median(seen[:50]))


def some_far_slower(seen: Seconds) -> bool:
    """Return whether one step in a hundred takes eight times as long as most."""
    return bool(np.quantile(seen, 0.99) > 8 * np.median(seen))


ONE_WORKER = Pace(workers=1, prefetch=2, prepare=0.13)

RECIPES = (
    FaultRecipe(
        name="loader-stalls",
        says="one batch in seventy takes its worker two seconds",
        tasks=("digits", "yields", "tumours", "payments"),
        twists=(stalls(0.015, 1.9),),
        rules=frozenset({"loader-bound", "loader-spikes"}),
        causes=("loader-spikes",),
        needs=EACH_STEP,
        check=waits(0.05),
    ),
    FaultRecipe(
        name="loader-stalls-at-shards",
        says="every 24th batch waits for the next file to be opened",
        tasks=("digits", "screening", "payments", "directions"),
        twists=(opens_a_shard(24, 1.05),),
        rules=frozenset({"loader-bound", "loader-spikes"}),
        causes=("loader-spikes",),
        needs=EACH_STEP,
        check=waits(0.05),
    ),
    FaultRecipe(
        name="one-worker",
        says="a single worker prepares batches more slowly than the device takes them",
        tasks=("digits", "characters", "tumours", "diabetes"),
        settings={"num_workers": 1},
        pace=ONE_WORKER,
        twists=(watched(),),
        rules=frozenset({"gpu-starved", "loader-bound"}),
        causes=("loader-bound",),
        check=waits(0.25),
    ),
    FaultRecipe(
        name="slow-storage",
        says="each batch takes a worker a second, and eight of them are too few",
        tasks=("yields", "screening", "payments", "directions"),
        settings={"num_workers": 8},
        pace=Pace(workers=8, prepare=1.0, prepare_spread=0.35),
        rules=frozenset({"gpu-starved", "loader-bound"}),
        causes=("loader-bound",),
        check=waits(0.2),
    ),
    FaultRecipe(
        name="compiles-anew",
        says="every fortieth step comes in a new shape and is compiled for a second",
        tasks=("digits", "yields", "tumours", "directions"),
        twists=(compiles_anew(40, 1.1),),
        rules=frozenset({"step-spikes", "throughput-regression"}),
        causes=("throughput-regression",),
        needs=EACH_STEP,
        check=logged("step_time", some_far_slower),
    ),
    FaultRecipe(
        name="a-neighbour-moves-in",
        says="from four tenths of the run on each step takes 1.6 times as long",
        tasks=("digits", "characters", "tumours", "payments"),
        twists=(slower(1.6, at=0.4),),
        rules=frozenset({"throughput-regression"}),
        causes=("throughput-regression",),
        check=logged("step_time", ends_slower(1.4)),
    ),
)
