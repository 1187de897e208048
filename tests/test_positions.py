"""Where records stand: runs, resumes, epochs, evaluations; the same at any cut."""

from collections.abc import Collection, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.positions import Positions
from trainmon.store.batch import Record, batch_of

NAN = float("nan")


def _placed(
    records: Sequence[Record],
    *,
    cut: int = 0,
    begins: Collection[int] = (),
    validations: Collection[int] = (),
    one_an_epoch: bool = False,
) -> list[list[float]]:
    """Return the steps of each run."""
    positions = Positions(one_an_epoch=one_an_epoch)
    runs: list[list[float]] = [[]] if records else []
    size = cut or max(len(records), 1)
    for start in range(0, len(records), size):
        rows = range(start, min(start + size, len(records)))
        parts = positions.place(
            batch_of([records[row] for row in rows]),
            begins={row - start for row in begins if row in rows},
            elsewhere=np.array([row in validations for row in rows]),
        )
        for part in parts:
            if part.begins_run:
                runs.append([])
            runs[-1] += part.batch.steps.tolist()
    return runs


def _steps(*steps: float) -> list[Record]:
    return [{"step": step, "loss": 1.0} for step in steps]


def _in_epochs(*places: tuple[float, float]) -> list[Record]:
    return [{"epoch": epoch, "step": step, "loss": 1.0} for epoch, step in places]


def test_a_step_that_goes_back_to_the_start_begins_another_run() -> None:
    assert _placed(_steps(19, 39, 59, 19, 39)) == [[19, 39, 59], [19, 39]]


def test_a_run_that_logs_more_rarely_than_the_one_before_is_another_run_too() -> None:
    assert len(_placed(_steps(*range(50, 2_000, 50), 100, 200))) == 2


def test_a_step_that_goes_back_a_little_is_no_other_run() -> None:
    assert _placed(_steps(*range(0, 100, 10), 80, 90)) == [[*range(0, 100, 10), 80, 90]]


def test_a_resume_near_the_start_of_a_short_run_is_no_other_run() -> None:
    assert len(_placed(_steps(0, 10, 20, 30, 20, 30, 40))) == 1


def test_steps_that_begin_anew_in_every_epoch_are_counted_through() -> None:
    places = [(epoch, step) for epoch in (1, 2, 3) for step in (50, 100)]
    assert _placed(_in_epochs(*places)) == [[50, 100, 150, 200, 250, 300]]


def test_the_same_run_once_more_is_another_run_where_steps_begin_anew_in_every_epoch() -> None:
    places = [(epoch, step) for epoch in (1, 2, 3) for step in (50, 100)]
    assert _placed(_in_epochs(*places, *places)) == [[50, 100, 150, 200, 250, 300]] * 2


def test_a_resume_at_an_earlier_epoch_stands_where_that_epoch_began() -> None:
    places = [(epoch, step) for epoch in (1, 2, 3) for step in (50, 100)]
    resumed = [(2, 50), (2, 100), (3, 50)]
    (steps,) = _placed(_in_epochs(*places, *resumed))
    assert steps[-3:] == [150, 200, 250]


def test_what_counts_something_else_stands_at_the_last_step_before() -> None:
    records = _steps(100, 200, 7, 300, 7)
    assert _placed(records, validations={2, 4}) == [[100, 200, 200, 300, 300]]


def test_a_validation_before_the_first_step_stands_nowhere() -> None:
    ((first, second),) = _placed(_steps(7, 10), validations={0})
    assert np.isnan(first)
    assert second == 10


def test_a_row_may_begin_a_run_for_certain() -> None:
    records: list[Record] = [*_steps(10, 20), {"loss": 1.0}, *_steps(20, 30)]
    runs = _placed(records, begins={2})
    assert [len(run) for run in runs] == [2, 3]


def test_records_without_steps_stay_one_run() -> None:
    (steps,) = _placed([{"epoch": epoch, "loss": 1.0} for epoch in (0, 1, 2)])
    assert np.isnan(steps).all()


_place = st.tuples(st.integers(0, 4), st.integers(0, 6))


@given(
    places=st.lists(_place, max_size=30),
    validations=st.sets(st.integers(0, 29), max_size=5),
    begins=st.sets(st.integers(1, 29), max_size=2),
)
@pytest.mark.parametrize("cut", [1, 2, 7])
def test_positions_do_not_depend_on_how_the_log_was_cut(
    places: list[tuple[int, int]], validations: set[int], begins: set[int], cut: int
) -> None:
    records = _in_epochs(*places)
    whole = _placed(records, validations=validations, begins=begins)
    parts = _placed(records, cut=cut, validations=validations, begins=begins)
    assert np.array_equal(
        np.concatenate(whole or [[]]), np.concatenate(parts or [[]]), equal_nan=True
    )
    assert list(map(len, whole)) == list(map(len, parts))


_gappy = st.fixed_dictionaries(
    {"loss": st.just(1.0)}, optional={"step": st.integers(0, 5), "epoch": st.integers(0, 3)}
)


@given(records=st.lists(_gappy, max_size=12), one_an_epoch=st.booleans())
@pytest.mark.parametrize("cut", [1, 2, 7])
def test_records_without_a_step_or_an_epoch_are_placed_alike_at_any_cut(
    records: list[Record], cut: int, *, one_an_epoch: bool
) -> None:
    whole = _placed(records, one_an_epoch=one_an_epoch)
    parts = _placed(records, cut=cut, one_an_epoch=one_an_epoch)
    assert list(map(str, whole)) == list(map(str, parts))


@pytest.mark.parametrize("ahead", [5, 5_000])
def test_two_writers_in_one_file_are_no_thousand_runs(ahead: int) -> None:
    records = _steps(*(step for at in range(500) for step in (at, at + ahead)))
    runs = _placed(records)
    assert len(runs) <= 10
    assert len(runs[-1]) > 900
    assert _placed(records, cut=7) == runs
