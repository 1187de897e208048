import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.numbers import age, bytes_, count, duration, number, share, steady


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.412, "0.412"),
        (0.4, "0.4"),
        (1.236, "1.24"),
        (99.96, "100"),
        (-3.14159, "-3.14"),
        (48_210, "48,210"),
        (999_999.7, "1M"),
        (1_234_567, "1.23M"),
        (7e9, "7B"),
        (3e12, "3T"),
        (2e18, "2e18"),
        (0.001, "0.001"),
        (0.00021, "2.1e-4"),
        (1e-300, "1e-300"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "-∞"),
    ],
)
def test_a_number_has_three_significant_digits(value: float, spelled: str) -> None:
    assert number(value) == spelled


def test_a_steady_number_keeps_its_zeros_and_its_width() -> None:
    assert [steady(v) for v in (0.41, 0.409, 1, 12.0, 2e-4)] == [
        "  0.410",
        "  0.409",
        "   1.00",
        "   12.0",
        "2.00e-4",
    ]


@given(st.floats(min_value=0.001, max_value=999_999))
def test_a_steady_number_of_everyday_size_fits_its_width(value: float) -> None:
    assert len(steady(value)) == 7


def test_a_count_is_written_in_full() -> None:
    assert count(1_200_000) == "1,200,000"


@pytest.mark.parametrize(
    ("fraction", "spelled"),
    [
        (0.0, "0 %"),
        (1e-7, "<0.01 %"),
        (-1e-7, "-<0.01 %"),
        (0.0003, "0.03 %"),
        (0.083, "8.3 %"),
        (0.08, "8 %"),
        (0.0997, "10 %"),
        (0.4, "40 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
        (1.5, "150 %"),
        (float("nan"), "NaN"),
    ],
)
def test_a_share_says_all_and_nothing_only_of_all_and_of_nothing(
    fraction: float, spelled: str
) -> None:
    assert share(fraction) == spelled


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (0, "0 s"),
        (2e-7, "<1 µs"),
        (0.00041, "410 µs"),
        (0.00099996, "1.0 ms"),
        (0.0053, "5.3 ms"),
        (0.2753, "275 ms"),
        (0.99996, "1.0 s"),
        (8.2, "8.2 s"),
        (59.4, "59 s"),
        (59.7, "1 m 00 s"),
        (725, "12 m 05 s"),
        (3_599.8, "1 h 00 m"),
        (11_220, "3 h 07 m"),
        (86_399, "1 d 00 h"),
        (187_200, "2 d 04 h"),
        (-8.2, "-8.2 s"),
        (float("inf"), "∞"),
    ],
)
def test_a_duration_has_two_units_and_never_sixty_of_one(seconds: float, spelled: str) -> None:
    assert duration(seconds) == spelled


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (-5, "0.0 s ago"),
        (0.29, "0.2 s ago"),
        (59.99, "59 s ago"),
        (60, "1 m ago"),
        (7_300, "2 h ago"),
        (200_000, "2 d ago"),
        (float("nan"), "never"),
        (float("inf"), "never"),
    ],
)
def test_an_age_is_rounded_down_to_one_unit(seconds: float, spelled: str) -> None:
    assert age(seconds) == spelled


def test_memory_is_counted_as_gpu_makers_do() -> None:
    card = 81_559 * 2**20
    assert [bytes_(n) for n in (card, 71.2 * 2**30, 1023.6 * 2**20, 512, -2048, 2.0**60)] == [
        "80 GB",
        "71 GB",
        "1 GB",
        "512 B",
        "-2 KB",
        "1024 PB",
    ]


@given(st.floats())
def test_every_float_can_be_spelled(value: float) -> None:
    assert all(spell(value) for spell in (number, steady, share, duration, age, bytes_))
