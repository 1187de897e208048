import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.axis import labels, log_labels, ticks, time_labels, time_ticks
from trainmon.ui.charts.scale import Scale, snapped

finite = st.floats(min_value=-1e300, max_value=1e300)
positive = st.floats(min_value=1e-300, max_value=1e300)


@pytest.mark.parametrize(
    ("low", "high", "names"),
    [
        (0, 2, ["0", "0.5", "1.0", "1.5", "2.0"]),
        (0, 50_000, ["0", "10k", "20k", "30k", "40k", "50k"]),
        (0, 12_000, ["0", "2.5k", "5k", "7.5k", "10k"]),
        (0, 2.4e6, ["0", "0.5M", "1M", "1.5M", "2M"]),
        (0, 5e-4, ["0", "1e-4", "2e-4", "3e-4", "4e-4", "5e-4"]),
        (0.01, 0.05, ["0.01", "0.02", "0.03", "0.04", "0.05"]),
        (-1, 1, ["-1.0", "-0.5", "0", "0.5", "1.0"]),
        (2.3025, 2.3026, ["2.30250", "2.30252", "2.30254", "2.30256", "2.30258", "2.30260"]),
        (1_000_000, 1_000_040, ["1,000,000", "1,000,010", "1,000,020", "1,000,030", "1,000,040"]),
        (0, 4e15, ["0", "1e15", "2e15", "3e15", "4e15"]),
    ],
)
def test_labels_have_the_digits_that_tell_ticks_apart(
    low: float, high: float, names: list[str]
) -> None:
    assert labels(ticks(Scale(low, high), 5)) == names


def test_steps_are_whole_numbers() -> None:
    assert labels(ticks(Scale(0, 10), 4, whole=True)) == ["0", "5", "10"]
    assert labels(ticks(Scale(0, 2), 8, whole=True)) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("low", "high", "names"),
    [
        (1e-4, 10, ["1e-4", "0.001", "0.01", "0.1", "1", "10"]),
        (0.02, 20, ["0.03", "0.1", "0.3", "1", "3", "10"]),
        (0.5, 20, ["0.5", "1", "2", "5", "10", "20"]),
        (1.01, 1.05, ["1.01", "1.02", "1.03", "1.04", "1.05"]),
        (1e-300, 1e300, ["1e-300", "1e-200", "1e-100", "1", "1e100", "1e200", "1e300"]),
    ],
)
def test_a_logarithmic_axis_is_labelled_over_any_number_of_decades(
    low: float, high: float, names: list[str]
) -> None:
    assert log_labels(ticks(Scale(low, high, log=True), 7)) == names


@pytest.mark.parametrize(
    ("seconds", "names"),
    [
        (2, ["0", "0.5s", "1s", "1.5s", "2s"]),
        (120, ["0", "30s", "1m", "1m30", "2m"]),
        (1_500, ["0", "10m", "20m"]),
        (7_000, ["0", "30m", "1h", "1h30"]),
        (50_000, ["0", "6h", "12h"]),
        (200_000, ["0", "1d", "2d"]),
        (3e6, ["0", "10d", "20d", "30d"]),
    ],
)
def test_times_are_labelled_as_people_say_them(seconds: float, names: list[str]) -> None:
    assert time_labels(time_ticks(Scale(0, seconds), 4)) == names


def test_times_before_the_start_are_negative() -> None:
    assert time_labels([-90.0]) == ["-1m30"]


@given(finite, finite, st.integers(1, 12))
def test_ticks_are_sorted_distinct_and_within_their_range(a: float, b: float, most: int) -> None:
    low, high = snapped(min(a, b), max(a, b))
    values = ticks(Scale(low, high), most)
    assert values == sorted(set(values))
    assert all(low <= value <= high for value in values)
    assert len(values) <= most + 1
    assert len(set(labels(values))) == len(values)


@given(positive, positive, st.integers(1, 12))
def test_logarithmic_ticks_are_sorted_distinct_and_within_their_range(
    a: float, b: float, most: int
) -> None:
    low, high = snapped(min(a, b), max(a, b), log=True)
    values = ticks(Scale(low, high, log=True), most)
    assert values == sorted(set(values))
    assert all(low <= value <= high for value in values)
    assert len(values) <= most + 1


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(1, 12))
def test_time_ticks_are_sorted_and_within_their_range(a: float, b: float, most: int) -> None:
    low, high = snapped(min(a, b), max(a, b))
    values = time_ticks(Scale(low, high), most)
    assert values == sorted(set(values))
    assert all(low <= value <= high for value in values)
    assert len(time_labels(values)) == len(values) <= most + 1
