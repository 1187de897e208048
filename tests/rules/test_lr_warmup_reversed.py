"""lr-warmup-reversed: the rate falls where it should rise."""

import pytest

from tests.rules.schedules import events, schedule
from trainmon.store.batch import Record

RULE = "lr-warmup-reversed"


@pytest.mark.parametrize("every", [1, 10])
def test_a_warm_up_that_falls_is_told_at_half_of_it(every: int) -> None:
    log = schedule(1_000, lambda s: 3e-4 * max(1e-3, 1 - s / 200), every, lr=3e-4, warmup_steps=200)
    (event,) = events(RULE, log)
    assert event.onset == 1
    assert 100 <= (event.row - 1) * every <= 200
    assert event.evidence["first"] == 3e-4


def test_a_warm_up_that_does_not_happen_is_told_at_its_end() -> None:
    (event,) = events(RULE, schedule(600, lambda _: 1e-3, lr=1e-3, warmup_steps=200))
    assert event.row >= 200
    assert "stood at" in event.title


def test_without_a_configuration_an_early_fall_is_told_once_it_is_known_to_be_early() -> None:
    (event,) = events(RULE, schedule(2_500, lambda s: 1e-3 * max(1e-3, 1 - s / 100)))
    assert event.row >= 1_900
    assert "within the first" in event.title


def test_a_plan_tells_earlier() -> None:
    log = schedule(2_500, lambda s: 1e-3 * max(1e-3, 1 - s / 100), total_steps=5_000)
    assert events(RULE, log)[0].row < 130


@pytest.mark.parametrize(
    "rate",
    [
        lambda s: 1e-3 * min(1.0, s / 200),
        lambda s: 1e-3 * (1 - s / 1_000),
        lambda s: 1e-3 * 0.995**s,
        lambda s: 0.0 if s == 0 else 1e-3 * min(1.0, s / 200),
        lambda _: 1e-3,
    ],
    ids=["warm-up", "linear", "exponential", "zero first", "constant"],
)
def test_ordinary_schedules_are_well(rate: object) -> None:
    assert not events(RULE, schedule(1_000, rate, total_steps=1_000))  # type: ignore[arg-type]  # a lambda of a list


def test_restarts_come_back_up_and_are_well() -> None:
    assert not events(RULE, schedule(3_000, lambda s: 1e-3 * (1 - s % 50 / 50 + 1e-4)))


def test_a_bias_group_that_starts_high_is_well_where_another_rises() -> None:
    records: list[Record] = [
        {"step": s, "lr/pg0": max(0.01, 0.1 * (1 - s / 200)), "lr/pg1": 0.01 * min(1.0, s / 200)}
        for s in range(400)
    ]
    assert not events(RULE, [{"trainmon": 1, "config": {"warmup_steps": 200}}, *records])
