import pytest

from tests.evaluation.bounds import Share, lower_bound, upper_bound


@pytest.mark.parametrize(
    ("count", "total", "confidence", "known"),
    [
        (0, 10, 0.95, 0.2589),  # 1 - 0.05 ** (1 / 10)
        (0, 150, 0.95, 0.01977),  # 1 - 0.05 ** (1 / 150)
        (1, 10, 0.975, 0.4450),  # the two-sided 95 % interval of 1 in 10 is .0025 to .4450
        (5, 10, 0.975, 0.8129),  # that of 5 in 10 is .1871 to .8129
        (3, 425, 0.95, 0.01812),
    ],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(
    count: int, total: int, confidence: float, known: float
) -> None:
    assert upper_bound(count, total, confidence) == pytest.approx(known, abs=1e-4)


@pytest.mark.parametrize(
    ("count", "total", "confidence", "known"),
    [(1, 10, 0.975, 0.0025), (5, 10, 0.975, 0.1871), (10, 10, 0.95, 0.7411), (0, 10, 0.95, 0.0)],
)
def test_the_lower_bound_is_that_of_clopper_and_pearson(
    count: int, total: int, confidence: float, known: float
) -> None:
    assert lower_bound(count, total, confidence) == pytest.approx(known, abs=1e-4)


def test_at_the_bound_so_few_would_be_seen_in_one_of_twenty_trials() -> None:
    share = upper_bound(1, 40)
    assert (1 - share) ** 40 + 40 * share * (1 - share) ** 39 == pytest.approx(0.05)


def test_nothing_counted_bounds_nothing() -> None:
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0.0, 1.0)


def test_thousands_of_runs_do_not_overflow() -> None:
    assert upper_bound(40, 5_000) == pytest.approx(0.0104, abs=2e-4)


def test_a_share_tells_its_counts() -> None:
    assert str(Share(3, 4)) == "0.750 (3 of 4)"
    assert str(Share(0, 0)) == "none"
