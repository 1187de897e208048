"""Which evaluation was the best, when the patience is over, and which metric decides."""

from dataclasses import replace
from functools import reduce
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.record import spell
from trainmon.writer.stopping.course import Course
from trainmon.writer.stopping.terms import Terms

F1 = Terms("val/f1", "max", patience=3)

TPR = [0.698, 0.788, 0.778, 0.798, 0.777, 0.0000159, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
"""tpr@fpr1e-4 of a run that overfitted and collapsed, from epoch 0."""


def after(terms: Terms, main: list[float], also: list[float] | None = None) -> Course:
    """Return the course after evaluations whose steps and epochs are their numbers, from 0."""
    lines = [{terms.metric: spell(value)} for value in main]
    for line, value in zip(lines, also or [], strict=False):
        line["val/loss"] = spell(value)
    return reduce(
        lambda c, at: c.after({**at[1], "epoch": at[0]}, at[0]), enumerate(lines), Course(terms)
    )


def stopped_at(terms: Terms, main: list[float], also: list[float] | None = None) -> int | None:
    """Return the number of the evaluation, from 0, after which the patience is first over."""
    counts = range(1, len(main) + 1)
    return next(
        (n - 1 for n in counts if after(terms, main[:n], (also or [])[:n]).out_of_patience), None
    )


def best_of(course: Course) -> tuple[float | None, float | None]:
    best = course.track.best
    return (best.value, best.epoch) if best is not None else (None, None)


def test_a_run_that_overfits_and_collapses_is_stopped_three_evaluations_after_its_best() -> None:
    terms = Terms("val/tpr@fpr1e-4", "max", patience=3)
    assert stopped_at(terms, TPR) == 6
    assert best_of(after(terms, TPR)) == (0.798, 3)


def test_while_f1_is_0_the_loss_decides() -> None:
    loss = [0.9, 0.8, 0.7, 0.72, 0.71, 0.73, 0.74, 0.75, 0.76, 0.77, 0.78, 0.79]
    assert stopped_at(F1, [0.0] * 12, loss) == 5
    assert best_of(after(F1, [0.0] * 12, loss)) == (0.7, 2)
    assert after(F1, [0.0] * 12, loss).metric == "val/loss"


def test_a_loss_that_goes_on_falling_keeps_a_run_with_f1_0_going() -> None:
    falling = [0.8665 - 0.00005 * epoch for epoch in range(12)]
    assert stopped_at(F1, [0.0] * 12, falling) is None
    assert after(F1, [0.0] * 12, falling).track.improved


@pytest.mark.parametrize("stuck", [0.0, nan, 0.4365, inf])
def test_a_metric_that_is_the_same_in_all_evaluations_does_not_decide(stuck: float) -> None:
    course = after(F1, [stuck] * 3, [0.9, 0.8, 0.7])
    assert (course.metric, course.track.improved, best_of(course)) == ("val/loss", True, (0.7, 2))


def test_nan_and_0_in_turns_are_still_no_movement() -> None:
    assert after(F1, [nan, 0.0, nan, 0.0], [0.9, 0.8, 0.7, 0.6]).metric == "val/loss"


def test_the_first_evaluation_alone_is_no_standstill() -> None:
    assert after(F1, [0.7], [0.9]).metric == "val/f1"


def test_a_metric_that_moves_decides_again_from_there() -> None:
    loss = [0.7, 0.71, 0.72, 0.73, 0.74]
    course = after(F1, [0.0, 0.0, 0.0, 0.1], loss)
    assert (course.metric, course.track.improved, best_of(course)) == ("val/f1", True, (0.1, 3))
    assert after(F1, [0.0, 0.0, 0.0, 0.1, 0.05], loss).track.since_best == 1


def test_a_metric_that_moves_to_the_worse_leaves_the_best_that_the_loss_chose() -> None:
    course = after(F1, [0.5, 0.5, 0.5, 0.4], [0.9, 0.7, 0.8, 0.6])
    assert (course.metric, course.track.improved, best_of(course)) == ("val/f1", False, (0.5, 1))
    assert course.track.since_best == 1


def test_a_first_finite_value_after_nan_is_the_best_and_decides() -> None:
    course = after(F1, [nan, nan, 0.3], [0.9, 0.8, 0.85])
    assert (course.metric, course.track.improved, best_of(course)) == ("val/f1", True, (0.3, 2))


def test_without_a_second_metric_a_standstill_counts_towards_the_patience() -> None:
    assert stopped_at(F1, [0.0] * 12) == 3
    assert stopped_at(F1, [nan] * 12) == 2
    assert stopped_at(replace(F1, also=None), [0.0] * 12, [1.0 / n for n in range(1, 13)]) == 3


def test_nan_is_no_improvement_and_counts() -> None:
    assert stopped_at(F1, [0.5, 0.6, nan, nan, nan]) == 4
    assert best_of(after(F1, [0.5, 0.6, nan])) == (0.6, 1)


def test_a_gap_is_no_evaluation() -> None:
    course = after(F1, [0.5, 0.6]).after({"val/f1": None}, 3)
    assert (course.main.evaluations, course.track.since_best) == (2, 0)


def test_a_gain_below_the_least_that_counts_is_none() -> None:
    terms = replace(F1, min_delta=0.01)
    assert stopped_at(terms, [0.5, 0.505, 0.509, 0.5095]) == 3
    assert after(terms, [0.5, 0.505, 0.52]).track.improved


def test_the_least_gain_is_in_units_of_the_main_metric_alone() -> None:
    course = after(replace(F1, min_delta=0.1), [0.0] * 3, [0.50, 0.49, 0.48])
    assert course.track.improved


def test_a_lower_loss_is_better_in_mode_min() -> None:
    terms = Terms("val/loss", "min", patience=2, also=None)
    assert stopped_at(terms, [0.9, 0.5, 0.6, 0.55, 0.4]) == 3


def test_evaluations_at_the_start_do_not_count_but_may_be_the_best() -> None:
    assert stopped_at(replace(F1, start_after=5), [0.6] + [0.5] * 11) == 7
    assert best_of(after(replace(F1, start_after=5), [0.6] + [0.5] * 11)) == (0.6, 0)


def test_the_second_metric_may_follow_on_a_line_of_its_own() -> None:
    course = Course(F1)
    for epoch, loss in enumerate([0.9, 0.8, 0.7]):
        course = course.after({"val/f1": 0.0}, epoch)
        assert epoch == 0 or not course.track.improved
        course = course.after({"val/loss": loss}, epoch)
        assert course.track.improved
    assert course.also.evaluations == 3


def test_a_second_metric_that_is_logged_in_every_step_counts_once_per_evaluation() -> None:
    course = Course(replace(F1, also="train/loss"))
    for epoch in range(3):
        for batch in range(100):
            course = course.after({"train/loss": 1.0 / (1 + epoch) + batch}, None)
        course = course.after({"val/f1": 0.0}, None)
    assert (course.also.evaluations, course.out_of_patience) == (3, False)


def test_a_second_metric_that_is_not_logged_any_more_is_not_better() -> None:
    course = after(F1, [0.0] * 5, [0.9])
    assert (course.metric, course.out_of_patience) == ("val/loss", True)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, nan]), min_size=1, max_size=20))
def test_without_a_second_metric_the_best_is_the_first_of_the_highest(values: list[float]) -> None:
    finite = [value for value in values if not isnan(value)]
    expected = (max(finite), values.index(max(finite))) if finite else (None, None)
    assert best_of(after(F1, values)) == expected
