"""Steady growth of a gradient norm from one tenth of a run to the next."""

import pytest

from trainmon.gradients.growth import Growth, Mark, Steadily

LIMITS = Steadily(decades=0.5, falls=0.95, slower=0.9)


def _growth(
    levels: tuple[float, ...] = (1.0, 5.0, 25.0, 125.0), loss: float = 1.0, rate: float = 0.1
) -> Growth:
    marks = [Mark(100 * at, level, 1.0, 0.1) for at, level in enumerate(levels)]
    marks[-1] = marks[-1]._replace(loss=loss, rate=rate)
    return Growth(tuple(marks), len(levels) - 1)


def test_a_norm_that_grows_fivefold_in_each_tenth_grows_steadily() -> None:
    assert _growth().is_steady(LIMITS, 0)


@pytest.mark.parametrize(
    "growth",
    [
        pytest.param(_growth((1.0, 5.0, 25.0)), id="too few tenths"),
        pytest.param(_growth((1.0, 25.0, 26.0, 125.0)), id="one tenth without growth"),
        pytest.param(_growth(loss=0.9), id="the loss falls"),
        pytest.param(_growth(rate=0.05), id="the learning rate falls"),
    ],
)
def test_other_growth_is_not_steady(growth: Growth) -> None:
    assert not growth.is_steady(LIMITS, 0)


@pytest.mark.parametrize("learning_row", [None, 1])
def test_what_began_in_the_warm_up_does_not_count(learning_row: int | None) -> None:
    assert not _growth().is_steady(LIMITS, learning_row)
