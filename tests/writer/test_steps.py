"""Steps that a script does not tell are estimated, and never beyond those it tells next."""

from hypothesis import given
from hypothesis import strategies as st

from trainmon.writer.steps import Steps


def rows(steps: Steps, told: list[int], between: int) -> list[float]:
    """Return the steps of a script that tells `told`, with so many rows before each of them.

    Those before the first are left out: they have none.
    """
    result: list[float] = []
    for step in told:
        result += [at for _ in range(between) if (at := steps.between()) is not None]
        steps.tell(step)
        result.append(step)
    return result


def test_a_script_that_logs_every_fifth_step_has_the_others_estimated() -> None:
    assert rows(Steps(), [5, 10, 15, 20], between=4) == list(range(5, 21))


def test_rows_before_the_first_step_that_is_told_have_none() -> None:
    assert Steps().between() is None


def test_micro_batches_stand_between_the_steps_that_they_make() -> None:
    after_two = rows(Steps(), [1, 2, 3, 4, 5], between=3)[5:]
    assert after_two == [2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 4.75, 5]


def test_a_script_that_logs_epochs_as_steps_has_its_batches_between_them() -> None:
    estimated = rows(Steps(), [0, 1, 2, 3], between=100)[102:202]
    assert estimated == sorted(estimated)
    assert 1 < estimated[0] < estimated[-1] < 2


def test_a_jump_does_not_carry_the_estimates_past_the_next_step() -> None:
    steps = Steps()
    rows(steps, [10, 20], between=9)
    steps.tell(1000)
    assert {steps.between() for _ in range(500)} == {1000}


@given(st.lists(st.integers(0, 50), min_size=2, max_size=20, unique=True), st.integers(1, 8))
def test_steps_told_at_even_intervals_are_never_overtaken(told: list[int], between: int) -> None:
    first, second = sorted(told)[:2]
    even = [first + (second - first) * turn for turn in range(6)]
    steps = Steps(start=even[0])
    assert rows(steps, even[1:], between) == sorted(rows(Steps(start=even[0]), even[1:], between))


def test_a_step_that_goes_back_is_told_and_counted_on_from() -> None:
    steps = Steps()
    rows(steps, [10, 20, 30], between=9)
    assert steps.tell(5)
    assert steps.between() == 5
