from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.scenes import START, run_of
from trainmon.store.batch import Record
from trainmon.ui.runs.progress import Progress, progress
from trainmon.view import Status


def told(n: int, pace: float = 2.0, **config: object) -> Progress:
    """Return the progress of a log of `n` steps, `pace` of them in a second."""
    records: list[Record] = [{"trainmon": 1, "config": config}]
    records += [{"step": k, "time": START + k / pace, "epoch": k / 100} for k in range(n)]
    return progress(run_of(records))


def test_a_run_of_known_length_tells_how_long_it_still_takes() -> None:
    done = told(101, pace=2.0, total_steps=500)
    assert done.rate == pytest.approx(2.0)
    assert done.left == pytest.approx(200.0)
    assert done.share == pytest.approx(0.2)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.FINISHED])
def test_a_run_that_is_not_known_to_go_on_has_no_time_left(status: Status) -> None:
    records: list[Record] = [{"trainmon": 1, "config": {"total_steps": 500}}]
    records += [{"step": k, "time": START + k, "train/loss": 1.0} for k in range(101)]
    done = progress(replace(run_of(records), status=status))
    assert done.left is None
    assert done.rate == pytest.approx(1.0)


def test_the_length_follows_from_the_epochs_where_it_is_not_told() -> None:
    assert told(101, epochs=5).total == pytest.approx(500)


def test_the_length_stays_where_evaluations_alone_tell_the_epoch() -> None:
    records: list[Record] = [{"trainmon": 1, "config": {"epochs": 12}}]
    lengths = set[float | None]()
    for k in range(1, 350):
        records.append({"step": k, "time": START + k, "train/loss": 1.0})
        if k % 125 == 0:
            records.append({"step": k, "epoch": k // 125, "time": START + k, "val/loss": 1.0})
        if k in (126, 240, 251, 349):
            lengths.add(progress(run_of(records)).total)
    assert lengths == {1_500.0}


@pytest.mark.parametrize("first", [0, 1])
def test_the_length_follows_from_whole_epochs_in_every_record(first: int) -> None:
    records: list[Record] = [{"trainmon": 1, "config": {"epochs": 12}}]
    records += [
        {"step": k, "epoch": first + k // 125, "time": START + k, "train/loss": 1.0}
        for k in range(460)
    ]
    assert progress(run_of(records)).total == pytest.approx(1_500)


def test_a_run_of_unknown_length_has_a_pace_and_no_end() -> None:
    done = told(101)
    assert (done.total, done.share, done.left) == (None, None, None)
    assert done.rate == pytest.approx(2.0)


def test_a_run_beyond_its_planned_end_is_done() -> None:
    done = told(101, total_steps=50)
    assert (done.share, done.left) == (1.0, 0.0)


def test_the_pace_is_that_of_the_last_rows() -> None:
    slow = [{"step": k, "time": START + 10.0 * k} for k in range(300)]
    fast = [{"step": 300 + k, "time": START + 3000 + 0.1 * k} for k in range(300)]
    assert progress(run_of([*slow, *fast])).rate == pytest.approx(10.0)


@pytest.mark.parametrize(
    "records",
    [
        [{"x": 1.0}, {"x": 2.0}],
        [{"step": 1, "x": 1.0}, {"step": 2, "x": 1.0}],
        [{"step": 1, "time": START, "x": 1.0}],
        [{"step": 1, "time": START, "x": 1.0}, {"step": 2, "time": START, "x": 1.0}],
        [{"step": 5, "time": START, "x": 1.0}, {"step": 5, "time": START + 9, "x": 1.0}],
        [{"step": 2, "time": START + 9, "x": 1.0}, {"step": 3, "time": START, "x": 1.0}],
    ],
    ids=["no steps", "no times", "one record", "no time passed", "no step made", "time went back"],
)
def test_without_two_places_in_time_there_is_no_pace(records: list[Record]) -> None:
    done = progress(run_of(records))
    assert (done.rate, done.left) == (None, None)


places = st.one_of(st.none(), st.just("NaN"), st.floats(0, 1e9))


@given(
    st.lists(st.fixed_dictionaries({"step": places, "epoch": places, "time": places}), max_size=30),
    st.one_of(st.none(), st.floats(-10, 1e12)),
)
def test_whatever_a_log_tells_shares_and_times_stay_in_their_bounds(
    records: list[Record], total: float | None
) -> None:
    header = {"trainmon": 1, "config": {"total_steps": total, "epochs": total}}
    done = progress(run_of([header, *({**record, "loss": 1.0} for record in records)]))
    assert done.share is None or 0 <= done.share <= 1
    assert done.left is None or done.left >= 0
    assert done.rate is None or done.rate > 0
