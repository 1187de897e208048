"""The rule for swings: it is quiet on noise, small sets and runs that get better."""

import numpy as np

from trainmon.judge import replay
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("oscillation")


def _words(
    values: list[float], name: str = "val/accuracy", told: Record | None = None
) -> list[str]:
    records: list[Record] = []
    for epoch, value in enumerate(values, 1):
        place = {"step": 200 * epoch, "epoch": epoch}
        records += [{**place, **told}] if told else []
        records.append(place | {name: value})
    return [decision.event.severity.word for decision in replay(RULE, records)]


SWINGS = [0.8134, 0.3521, 0.7842, 0.4107, 0.8015, 0.3043] * 4


def test_an_accuracy_that_swings_is_info_and_then_a_warning() -> None:
    words = _words(SWINGS)
    assert words[:4] == ["info"] * 4
    assert words[-1] == "warning"


def test_a_loss_that_doubles_and_halves_is_told() -> None:
    assert "warning" in _words([0.51, 1.24, 0.48, 1.3, 0.55, 1.1] * 4, "val/loss")


def test_noise_of_evaluations_is_no_swing() -> None:
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0, 0.05, 40)
        assert not _words((0.7 + noise).tolist())


def test_a_loss_with_the_noise_of_a_high_learning_rate_is_no_swing() -> None:
    for seed in range(40):
        noise = np.random.default_rng(seed).lognormal(0, 0.2, 40)
        assert not _words((0.5 * noise).tolist(), "val/loss")


def test_swings_on_the_way_up_are_ordinary() -> None:
    rising = [value * (0.5 + 0.02 * n) for n, value in enumerate(SWINGS)]
    assert not _words(rising)


def test_few_examples_swing_by_themselves() -> None:
    assert not _words([0.75, 0.25, 0.5, 0.25, 0.75, 0.5] * 4)
    assert not _words(SWINGS, told={"event": "evaluation", "n": 6})


def test_a_training_loss_that_alternates_is_info() -> None:
    losses = [1.0 + 0.3 * (-1) ** step for step in range(400)]
    records: list[Record] = [{"step": n, "train/loss": loss} for n, loss in enumerate(losses, 1)]
    words = {decision.event.severity.word for decision in replay(RULE, records)}
    assert words == {"info"}


def test_the_noise_of_batches_does_not_alternate() -> None:
    losses = np.random.default_rng(0).lognormal(0, 0.8, 5_000)
    records: list[Record] = [
        {"step": n, "train/loss": float(loss)} for n, loss in enumerate(losses, 1)
    ]
    assert not replay(RULE, records)
