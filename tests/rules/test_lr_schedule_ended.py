"""lr-schedule-ended: a rate of 0, or at a tiny floor, while much of the run remains."""

from math import cos, pi

import pytest

from tests.rules.schedules import Rate, events, schedule
from trainmon.rule import Severity

RULE = "lr-schedule-ended"


def test_a_schedule_of_half_the_plan_is_told_soon_and_becomes_an_error() -> None:
    found = events(
        RULE, schedule(1_000, lambda s: max(0.0, 0.1 * (1 - s / 500)), total_steps=1_000)
    )
    assert [event.severity for event in found] == [Severity.WARNING, Severity.ERROR]
    assert 500 <= found[0].onset <= 510
    assert found[0].row - found[0].onset < 70
    assert found[0].evidence["share_done"] == pytest.approx(0.5, abs=0.02)


def test_without_a_plan_a_tenth_of_the_run_must_have_gone_by() -> None:
    found = events(RULE, schedule(2_000, lambda s: max(0.0, 0.1 * (1 - s / 1_500))))
    assert found[0].row >= 1_600


def test_a_schedule_that_ends_with_the_plan_is_well() -> None:
    assert not events(
        RULE, schedule(1_000, lambda s: 0.05 * (1 + cos(pi * s / 999)), total_steps=1_000)
    )


def test_a_rate_that_a_console_rounded_away_from_the_start_is_none() -> None:
    assert not events(RULE, schedule(1_000, lambda _: 0.0, total_steps=1_000))


def test_a_floor_of_a_tenth_is_meant() -> None:
    assert not events(
        RULE, schedule(1_000, lambda s: max(0.01, 0.1 - s / 2_000), total_steps=2_000)
    )


def test_a_floor_far_below_the_peak_is_a_warning_while_much_remains() -> None:
    found = events(RULE, schedule(900, lambda s: max(1e-6, 0.1 * (1 - s / 300)), total_steps=1_000))
    assert {event.severity for event in found} == {Severity.WARNING}
    assert any("floor" in event.title for event in found)


def test_it_clears_where_the_rate_rises_again() -> None:
    found = events(
        RULE,
        schedule(
            800, lambda s: 0.1 if s >= 600 else max(0.0, 0.1 * (1 - s / 300)), total_steps=800
        ),
    )
    assert found[-1].kind == "cleared"
    assert found[-1].row >= 600


@pytest.mark.parametrize("every", [1, 10, 50])
def test_a_decay_that_was_over_long_before_the_run_is_told_whatever_its_form(every: int) -> None:
    (event, *_) = events(RULE, schedule(1_000, lambda s: 0.1 * 0.95**s, every))
    assert event.severity == Severity.WARNING
    assert 90 <= event.evidence["steps"] <= 500


@pytest.mark.parametrize(
    "rate",
    [
        lambda s: 0.1 * 0.1 ** (s // 300),
        lambda s: 0.05 * (1 + cos(pi * s / 999)),
        lambda s: 0.1 * min(1.0, (s + 1) / 500),
    ],
    ids=["steps", "cosine", "warm-up"],
)
def test_ordinary_decays_spend_little_of_a_run_at_almost_nothing(rate: Rate) -> None:
    assert not events(RULE, schedule(1_000, rate))
