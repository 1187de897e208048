import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.scenes import START, healthy, run_of
from trainmon.store.batch import Record
from trainmon.ui.curves.curves import Curve, axis_of, curve, x_of
from trainmon.ui.scene import X_KINDS, Settings, XKind

LOSS = "train/loss"

steps = st.one_of(st.none(), st.integers(0, 20))
values = st.one_of(st.none(), st.just("NaN"), st.floats(-10, 10))
logs = st.lists(st.fixed_dictionaries({"step": steps, LOSS: values}), min_size=1, max_size=40)


def loss_of(records: list[Record], settings: Settings | None = None) -> Curve:
    found = curve(run_of(records), LOSS, settings or Settings())
    assert found is not None
    return found


def at(*steps: int) -> list[Record]:
    """Return records at these steps, whose loss tells the place in the log."""
    return [{"step": step, LOSS: float(place)} for place, step in enumerate(steps)]


def test_what_a_resume_redid_is_left_out() -> None:
    found = loss_of(at(1, 2, 3, 4, 2, 3))
    assert found.x.tolist() == [1, 2, 3]
    assert found.y.tolist() == [0, 4, 5]


def test_after_two_resumes_the_last_word_stands() -> None:
    found = loss_of(at(1, 2, 3, 3, 4, 2, 3))
    assert found.x.tolist() == [1, 2, 3]
    assert found.y.tolist() == [0, 5, 6]


def test_a_log_that_goes_back_all_the_time_is_drawn_as_it_is() -> None:
    assert len(loss_of(at(*[1, 0] * 100)).x) == 200


@given(logs)
@settings(max_examples=150)
def test_a_curve_has_an_x_for_each_value_and_never_goes_back(records: list[Record]) -> None:
    found = curve(run_of(records), LOSS, Settings())
    if found is not None:
        assert len(found.x) == len(found.y) > 0
        assert (np.diff(found.x[np.isfinite(found.x)]) >= 0).all()


@given(logs)
@settings(max_examples=100)
def test_a_value_in_the_last_record_is_the_last_of_its_curve(records: list[Record]) -> None:
    newest = records[-1][LOSS]
    if newest is not None:
        assert np.array_equal(loss_of(records).last, float(newest), equal_nan=True)


def test_a_metric_of_which_all_was_redone_has_no_curve_yet() -> None:
    evaluated_late = [*at(1, 2, 3), {"step": 3, "val/loss": 2.0}, *at(1, 2)]
    assert curve(run_of(evaluated_late), "val/loss", Settings()) is None


@pytest.mark.parametrize("kind", X_KINDS)
def test_the_axis_is_the_one_that_was_asked_for(kind: XKind) -> None:
    run = run_of(healthy())
    assert axis_of(run.lead, Settings(x_kind=kind)) == kind


@pytest.mark.parametrize("kind", X_KINDS)
def test_without_steps_epochs_and_times_records_are_counted(kind: XKind) -> None:
    lane = run_of([{LOSS: 1.0}, {LOSS: 2.0}, {LOSS: 3.0}]).lead
    assert axis_of(lane, Settings(x_kind=kind)) == "step"
    assert x_of(lane, Settings(x_kind=kind)).tolist() == [0, 1, 2]


def test_a_log_of_epochs_alone_is_drawn_over_epochs() -> None:
    lane = run_of([{"epoch": epoch, LOSS: 1.0} for epoch in (0.5, 1.0)]).lead
    assert axis_of(lane, Settings()) == "epoch"
    assert x_of(lane, Settings()).tolist() == [0.5, 1.0]


def test_times_count_from_the_first_that_is_told() -> None:
    lane = run_of([{LOSS: 1.0}, {LOSS: 2.0, "time": START}, {LOSS: 3.0, "time": START + 60}]).lead
    assert x_of(lane, Settings(x_kind="time")).tolist()[1:] == [0.0, 60.0]


@pytest.mark.parametrize("name", [None, "", "no/such/metric"])
def test_a_metric_that_is_not_there_has_no_curve(name: str | None) -> None:
    assert curve(run_of(healthy()), name, Settings()) is None


def test_what_tells_no_step_stands_at_the_last_one_before() -> None:
    records: list[Record] = []
    for step in range(5):
        records += [{"step": step, "train/loss": 1.0, "time": 1e9 + step}]
        records += [{"sys/cpu": step / 10, "time": 1e9 + step + half} for half in (0.3, 0.6)]
    found = curve(run_of(records), "sys/cpu", Settings())
    assert found is not None
    assert found.x.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
