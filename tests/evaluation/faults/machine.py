"""Cards that are hot, full, idle or waited for in vain, and memory that is never given back."""

import numpy as np

from tests.evaluation.faults.loader import EACH_STEP, stalls, waits
from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.machine import GIB, Machine, Sampling, watched
from tests.evaluation.training.outcome import Outcome, learned, logged
from tests.evaluation.training.training import KilledError, Training

FAN_STOPS = 0.35
"""Share of the run after which the card is cooled by half as much."""


def throttled_steps(training: Training) -> None:
    """Have steps take as much longer as the clock is lower, a while after the fan has stopped."""
    start = round((FAN_STOPS + 0.03) * training.total_steps)
    training.onset = start
    training.computing[start:] /= 0.62


def grows(first: float, last: float) -> Machine:
    """Return a machine on which the process takes more and more memory, in GiB."""
    return Machine(rss=lambda progress: (first + (last - first) * progress) * GIB)


HANGS_AT = 0.6
"""Share of the run after which a rank of it does not come back."""


def hangs(training: Training, sampling: Sampling) -> None:
    """Have a step wait for another rank in vain, until somebody kills the job."""
    last = round(HANGS_AT * training.total_steps)
    training.onset = last

    def act(step: int) -> None:
        if step == last:
            sampling.hang(900.0)
            raise KilledError

    training.after_step.append(act)


def goes_on_alone(outcome: Outcome) -> bool:
    """Return whether the log ends in minutes of which only the machine is told."""
    steps = [record["time"] for record in outcome.records if "train/loss" in record]
    return len(outcome.val_losses) >= 2 and outcome.records[-1]["time"] > steps[-1] + 600


RECIPES = (
    FaultRecipe(
        name="card-throttled",
        says="a fan stops, and the hot card lowers its clock to 62 %",
        tasks=("digits", "characters", "tumours", "directions"),
        twists=(
            watched(Machine(cooling=lambda progress: 0.125 if progress < FAN_STOPS else 0.24)),
            throttled_steps,
        ),
        rules=frozenset({"gpu-throttled", "throughput-regression"}),
        causes=("gpu-throttled",),
        check=logged("sys/gpu0/throttle/sw_thermal", lambda hot: bool(hot[-20:].mean() > 0.8)),
    ),
    FaultRecipe(
        name="card-full",
        says="the card's memory creeps up to 99 % of what it has",
        tasks=("digits", "yields", "tumours", "payments"),
        twists=(watched(Machine(card_used=lambda p: (23.0 + min(0.8, 1.6 * p)) * GIB)),),
        rules=frozenset({"gpu-memory-high", "memory-leak"}),
        causes=("gpu-memory-high", "memory-leak", "out-of-memory"),
        check=learned,
    ),
    FaultRecipe(
        name="memory-leak",
        says="the process takes ever more of the host's memory, most of it in the end",
        tasks=("digits", "screening", "tumours", "payments"),
        twists=(watched(grows(5.0, 52.0)),),
        rules=frozenset({"memory-leak"}),
        causes=("memory-leak",),
        check=logged("sys/rss", lambda used: bool(used[-1] > 5 * used[0])),
    ),
    FaultRecipe(
        name="card-idle",
        says="the card computes in half of each step: launches take the rest",
        tasks=("digits", "yields", "tumours", "directions"),
        twists=(watched(Machine(busy=0.48)),),
        rules=frozenset({"gpu-starved"}),
        causes=("gpu-starved",),
        check=logged("sys/gpu0/util", lambda used: bool(np.median(used) < 0.55)),
    ),
    FaultRecipe(
        name="workers-swap",
        says="the host's memory is full, and now and then a worker waits for what was swapped out",
        tasks=("digits", "characters", "payments", "directions"),
        twists=(
            stalls(0.015, 1.9),
            watched(
                Machine(
                    rss=lambda _: 21.0 * GIB,
                    others=lambda _: 43.0 * GIB,
                    swapped=lambda _: 7.5 * GIB,
                    cpu=0.9,
                )
            ),
        ),
        rules=frozenset({"loader-bound", "loader-spikes"}),
        causes=("loader-spikes",),
        needs=EACH_STEP,
        check=waits(0.05),
    ),
    FaultRecipe(
        name="hangs-in-a-collective",
        says="another rank does not come, and kernels wait for it until the job is killed",
        tasks=("digits", "yields", "tumours", "payments"),
        twists=(watched(then=hangs),),
        rules=frozenset({"stalled"}),
        causes=("hang",),
        check=goes_on_alone,
    ),
)
