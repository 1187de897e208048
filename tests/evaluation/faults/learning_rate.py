"""Learning rates that are far off, from the first step on or later."""

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import any_of, broke, fell_below, worse_than
from tests.evaluation.training.training import Training

UNSTABLE = frozenset(
    {
        "class-collapse",
        "clip-saturation",
        "degenerate-scores",
        "grad-explosion",
        "loss-divergence",
        "loss-spike",
        "metric-collapse",
        "metric-zero",
        "non-finite",
        "not-learning",
        "oscillation",
        "update-ratio",
    }
)
"""What too large steps look like, from noise to collapse."""

SLOW = frozenset({"lr-out-of-range", "lr-schedule-ended", "not-learning", "update-ratio"})
"""What too small steps look like."""


def multiplied(factor: float, at: float) -> Twist:
    """Return a twist by which the rate is multiplied from a share of the run on."""

    def twist(training: Training) -> None:
        start, rate = round(at * training.total_steps), training.rate
        training.onset = start + 1
        training.rate = lambda step: rate(step) * (factor if step > start else 1)

    return twist


def warmup_that_falls(training: Training) -> None:
    """Have the rate fall over what should be its warm-up, and stay where that ends."""
    peak, length = training.settings.lr, max(round(0.05 * training.total_steps), 20)
    training.config["warmup_steps"] = length
    training.rate = lambda step: peak * max(1 - (step - 1) / length, 1e-4)


def warmup_counted_to_a_number_that_never_comes(training: Training) -> None:
    """Have the warm-up be one of a hundred thousand times as many steps as it is configured for."""
    peak, length = training.settings.lr, max(round(0.05 * training.total_steps), 20)
    training.config["warmup_steps"] = length
    training.rate = lambda step: peak * step / (1e5 * length)


def range_test_left_on(training: Training) -> None:
    """Have the rate grow tenfold every sixth of the run, as in a search for the best one."""
    peak, length = training.settings.lr, training.total_steps / 6
    training.config["schedule"] = "exponential"
    training.onset = round(0.4 * training.total_steps)
    training.rate = lambda step: 0.01 * peak * 10 ** (step / length)


def ends_at(share: float, floor: float) -> Twist:
    """Return a twist by which the cosine ends early, at a share of the peak."""

    def twist(training: Training) -> None:
        end, rate, peak = round(share * training.total_steps), training.rate, training.settings.lr
        stretch = training.total_steps / end
        training.onset = end
        training.rate = lambda step: rate(round(step * stretch)) if step < end else floor * peak

    return twist


def decays_per_batch(training: Training) -> None:
    """Have a decay meant for epochs act at every batch."""
    peak = training.settings.lr
    training.config |= {"schedule": "exponential", "warmup_steps": 0, "gamma": 0.9}
    training.onset = 60
    training.rate = lambda step: peak * 0.9 ** (step - 1)


RECIPES = (
    FaultRecipe(
        name="lr-too-high",
        says="the learning rate is 300 times what suits the task",
        tasks=("digits", "yields", "payments", "glyphs"),
        lr_times=300.0,
        rules=UNSTABLE,
        causes=("lr-too-high",),
        check=any_of(broke, worse_than(0.7)),
    ),
    FaultRecipe(
        name="lr-too-low",
        says="the learning rate is a ten-thousandth of what suits the task",
        tasks=("digits", "characters", "glyphs", "tumours"),
        lr_times=1e-4,
        rules=SLOW,
        causes=("lr-too-low",),
        check=worse_than(0.5),
    ),
    FaultRecipe(
        name="lr-surge",
        says="the learning rate jumps to a thousand times the scheduled one at half the run",
        tasks=("digits", "characters", "payments", "glyphs"),
        twists=(multiplied(1_000, at=0.5),),
        rules=UNSTABLE,
        causes=("lr-too-high",),
        check=any_of(broke, fell_below(0.7)),
    ),
    FaultRecipe(
        name="range-test-left-on",
        says="the learning rate grows exponentially until the loss diverges",
        tasks=("yields", "characters", "glyphs", "payments"),
        twists=(range_test_left_on,),
        rules=UNSTABLE,
        causes=("lr-too-high",),
        check=any_of(broke, fell_below(0.7)),
    ),
    FaultRecipe(
        name="warmup-reversed",
        says="the learning rate falls to almost nothing over its warm-up and stays there",
        tasks=("digits", "characters", "glyphs", "tumours"),
        twists=(warmup_that_falls,),
        rules=frozenset({"lr-warmup-reversed", *SLOW}),
        causes=("lr-warmup-reversed", "lr-too-low"),
        check=worse_than(0.95),
    ),
    FaultRecipe(
        name="warmup-never-ends",
        says="the warm-up counts to a number of steps that the run never reaches",
        tasks=("digits", "characters", "glyphs", "tumours"),
        twists=(warmup_counted_to_a_number_that_never_comes,),
        rules=SLOW,
        causes=("lr-too-low",),
        needs={
            "config": "nobody knows how long the warm-up was to be",
            "ten steps": "a dozen rates are too few to say that they get nowhere",
        },
        check=worse_than(0.5),
    ),
    FaultRecipe(
        name="schedule-ended",
        says="the schedule ends at zero after an eighth of the planned steps",
        tasks=("characters", "yields", "tumours", "glyphs"),
        lr_times=0.5,
        twists=(ends_at(0.125, floor=0.0),),
        rules=SLOW,
        causes=("lr-schedule-ended",),
        needs={"config": "nobody knows how many steps were planned"},
        check=worse_than(0.98),
    ),
    FaultRecipe(
        name="schedule-floor",
        says="the schedule reaches a floor of a ten-thousandth after a tenth of the planned steps",
        tasks=("characters", "yields", "tumours", "payments"),
        lr_times=0.5,
        twists=(ends_at(0.1, floor=1e-4),),
        rules=SLOW,
        causes=("lr-schedule-ended", "lr-too-low"),
        needs={"config": "nobody knows how many steps were planned"},
        check=worse_than(0.98),
    ),
    FaultRecipe(
        name="decay-per-batch",
        says="a decay by 0.9 an epoch is made at every batch",
        tasks=("digits", "characters", "glyphs", "tumours"),
        lr_times=0.5,
        twists=(decays_per_batch,),
        rules=SLOW,
        causes=("lr-schedule-ended", "lr-too-low"),
        check=worse_than(0.95),
    ),
)
