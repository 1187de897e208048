"""Runs that go on from a checkpoint, though not from all of it."""

import numpy as np

from tests.evaluation.recipe import FaultRecipe, Needs
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.resume import resumes
from tests.evaluation.training.training import Training

SOON_OVER: Needs = {
    "each step": "the loss is back within some ten steps",
    "raw loss": "the loss is back before its average has risen",
}

JUMP = frozenset(
    {"grad-explosion", "loss-divergence", "loss-spike", "metric-collapse", "resume-jump"}
)


def head_not_restored(training: Training) -> None:
    """Begin the last layer anew."""
    fresh = training.task.model(training.settings)
    *_, (name, weight), (bias_name, bias) = fresh.named_parameters()
    state = training.model.state_dict()
    training.model.load_state_dict({**state, name: weight.data, bias_name: bias.data})


def rate_begins_anew(training: Training) -> None:
    """Begin the schedule anew, without its warm-up, and Adam's moments with it."""
    rate, start = training.rate, training.step
    skipped = round(training.settings.warmup * training.total_steps)
    training.optimizer = training.new_optimizer()
    training.rate = lambda step: rate(step - start + skipped)


def jumped(outcome: Outcome) -> bool:
    """Return whether the loss jumped far off at the resume."""
    made = round(outcome.onset) - 1
    again = next(i for i, r in enumerate(outcome.records) if r.get("event") == "resume")
    after = [r["train/loss"] for r in outcome.records[again:] if "train/loss" in r][:60]
    before = np.array(outcome.losses[made - 60 : made])
    spread = np.median(abs(before - np.median(before)))
    far = max(4 * spread, 0.25 * abs(np.median(before)))
    return float(np.mean(after)) > float(np.median(before) + far)


RECIPES = (
    FaultRecipe(
        name="resume-without-the-head",
        says="the last layer is not restored from the checkpoint",
        tasks=("digits", "yields", "glyphs", "directions"),
        twists=(resumes(0.6, head_not_restored),),
        rules=JUMP,
        causes=("resume-jump",),
        needs=SOON_OVER,
        check=jumped,
    ),
    FaultRecipe(
        name="resume-with-a-fresh-rate",
        says="schedule and optimizer begin anew after the resume",
        tasks=("pairs", "forecasts", "directions"),
        lr_times=6.0,
        twists=(resumes(0.85, rate_begins_anew),),
        rules=JUMP,
        causes=("resume-jump", "lr-too-high"),
        needs=SOON_OVER,
        check=jumped,
    ),
)
