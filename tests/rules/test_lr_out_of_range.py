"""lr-out-of-range: a rate far below the configured one, or below what weights feel."""

from tests.rules.schedules import events, schedule

RULE = "lr-out-of-range"


def test_a_thousandth_of_the_configured_rate_is_told_with_its_factor() -> None:
    (event,) = events(RULE, schedule(300, lambda _: 3e-8, lr=3e-4, total_steps=5_000))
    assert event.evidence["factor"] == 1e4
    assert event.row < 70
    assert "10,000 times below the configured 0.0003" in event.title


def test_a_rate_that_no_weight_feels_needs_no_configuration() -> None:
    assert events(RULE, schedule(300, lambda _: 1e-9))


def test_a_fine_tune_that_is_configured_so_is_well() -> None:
    assert not events(RULE, schedule(300, lambda _: 1e-6, lr=1e-6))


def test_a_warm_up_from_nearly_nothing_is_well() -> None:
    assert not events(RULE, schedule(2_000, lambda s: 1e-3 * (s + 1) / 2_000, lr=1e-3))


def test_a_decay_that_is_still_falling_is_well() -> None:
    assert not events(RULE, schedule(3_000, lambda s: 0.1 * 0.99**s, lr=0.1))


def test_the_tail_of_a_plan_is_well() -> None:
    rate = lambda s: 0.1 if s < 900 else 1e-5  # noqa: E731 - two levels in one line
    assert not events(RULE, schedule(1_000, rate, lr=0.1, total_steps=1_000))


def test_rates_that_are_rounded_to_0_are_not_this_rules_matter() -> None:
    assert not events(RULE, schedule(500, lambda _: 0.0, lr=0.1))


def test_it_clears_where_the_rate_is_back() -> None:
    found = events(RULE, schedule(600, lambda s: 1e-8 if s < 300 else 1e-3, lr=1e-3))
    assert [event.kind.value for event in found] == ["opened", "cleared"]


def test_a_rate_that_still_rises_from_nearly_nothing_behind_its_warm_up_is_told() -> None:
    (event,) = events(RULE, schedule(400, lambda s: 1e-9 * (s + 1), lr=1e-3, warmup_steps=100))
    assert 200 <= event.row < 280
    assert "still rises in no warm-up" in event.title


def test_half_of_a_plan_is_as_long_as_a_warm_up_may_rise() -> None:
    found = events(RULE, schedule(800, lambda s: 1e-9 * (s + 1), lr=1e-3, total_steps=1_000))
    assert found
    assert found[0].row >= 500


def test_without_a_plan_three_epochs_of_such_a_rise_are_enough() -> None:
    rising = schedule(400, lambda s: 1e-10 * (s + 1))
    assert not events(RULE, rising)
    told = [{**record, "epoch": record["step"] / 60} for record in rising if "step" in record]
    (event,) = events(RULE, told)
    assert event.row > 180


def test_a_warm_up_that_still_rises_at_ordinary_rates_is_well() -> None:
    assert not events(RULE, schedule(900, lambda s: 1e-7 * (s + 1), lr=1e-3, warmup_steps=100))


def test_a_warm_up_that_is_longer_than_the_run_excuses_nothing() -> None:
    rate = lambda s: 1e-3 * (s + 1) / 4_000_000  # noqa: E731 - a slope in one line
    plan = schedule(800, rate, lr=1e-3, total_steps=800, warmup_steps=4_000_000)
    (event,) = events(RULE, plan)
    assert 400 <= event.row < 500
