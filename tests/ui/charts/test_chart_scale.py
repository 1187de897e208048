import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.scale import Scale, robust, round_step, snapped

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-320, allow_nan=False, allow_infinity=False)


@given(st.floats(min_value=1e-300, max_value=1e307))
def test_a_round_step_is_1_2_25_or_5_times_a_power_of_ten(size: float) -> None:
    step = round_step(size)
    assert size <= step <= 2.6 * size
    assert f"{step:.1e}".split("e")[0] in {"1.0", "2.0", "2.5", "5.0"}


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (0.412, 1.93, (0.4, 2.0)),
        (1, 48_210, (0.0, 50_000.0)),
        (-3.2, 0.1, (-3.5, 0.5)),
        (0, 0, (0.0, 1.0)),
        (91, 91, (75.0, 110.0)),
        (1e-6, 9e-6, (1e-6, 9e-6)),
    ],
)
def test_a_range_ends_on_round_numbers(low: float, high: float, ends: tuple[float, float]) -> None:
    assert snapped(low, high) == ends


def test_a_growing_run_seldom_moves_its_axis() -> None:
    ends = {snapped(0, step)[1] for step in range(1_000, 10_000, 10)}
    assert len(ends) < 30


@given(finite, finite)
def test_a_snapped_range_holds_its_values_and_has_a_width(a: float, b: float) -> None:
    low, high = snapped(min(a, b), max(a, b))
    assert low < high
    drawable = np.clip([a, b], -8e307, 8e307)
    assert ((low <= drawable) & (drawable <= high)).all()


@given(positive, positive)
def test_a_snapped_logarithmic_range_is_positive_and_has_a_width(a: float, b: float) -> None:
    low, high = snapped(min(a, b), max(a, b), log=True)
    assert 0 < low < high < float("inf")
    drawable = np.clip([a, b], 1e-300, 8e307)
    assert ((low <= drawable) & (drawable <= high)).all()


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(0.003, 7, (0.002, 10)), (1.0, 1.0, (0.5, 2.0)), (1.01, 1.04, (1.01, 1.04))],
)
def test_a_logarithmic_range_ends_on_1_2_or_5(
    low: float, high: float, ends: tuple[float, float]
) -> None:
    assert snapped(low, high, log=True) == pytest.approx(ends)


@pytest.mark.parametrize("log", [False, True])
@given(st.floats(min_value=0, max_value=1))
def test_values_and_positions_are_inverse(log: bool, share: float) -> None:  # noqa: FBT001 -- a case
    scale = Scale(0.5, 80.0, log=log)
    assert scale.position(scale.value(share)) == pytest.approx(share, abs=1e-9)


def test_a_value_that_a_logarithm_cannot_place_has_no_position() -> None:
    scale = Scale(0.1, 10, log=True)
    assert not np.isfinite(scale.fraction(np.array([0.0, -1.0]))).any()


def test_the_widest_range_of_floats_does_not_overflow() -> None:
    low, high = snapped(-1.7e308, 1.7e308)
    assert Scale(low, high).position(0.0) == pytest.approx(0.5)


def test_a_robust_range_ignores_the_first_fall_and_a_spike() -> None:
    losses = np.concatenate(([11.0, 7.0, 5.0], np.linspace(1.0, 0.5, 400), [40.0]))
    low, high = robust(losses, newest=0.5)
    assert low == 0.5
    assert high < 1.1


def test_a_robust_range_holds_the_newest_value() -> None:
    losses = np.concatenate((np.linspace(1.0, 0.5, 400), [5.0]))
    assert robust(losses, newest=5.0)[1] == 5.0


def test_a_robust_range_is_not_flattened_by_the_last_value_before_an_explosion() -> None:
    losses = np.concatenate((np.linspace(1.0, 0.5, 400), [1e25]))
    assert robust(losses, newest=1e25)[1] == 1.0


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20))
def test_a_robust_range_lies_within_the_values(values: list[float]) -> None:
    low, high = robust(np.array(values), newest=values[-1])
    assert min(values) <= low <= high <= max(values)
