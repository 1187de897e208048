"""Two runs compared: on which axis, by which metric, which is better."""

import numpy as np
import pytest

from tests.comparison.runs import curve_run, run_of
from trainmon.comparison import compare
from trainmon.errors import UnknownNameError
from trainmon.reference import Axis
from trainmon.store.batch import Record

RISING = [0.1, 0.4, 0.6, 0.7, 0.75, 0.78, 0.8, 0.81]
STUCK = [0.1, 0.12, 0.11, 0.12, 0.13, 0.12, 0.12, 0.13]


def test_the_better_run_is_found_whichever_comes_first() -> None:
    good, bad = curve_run("val/iou", RISING, "good"), curve_run("val/iou", STUCK, "bad")
    assert compare(good, bad).better is True
    assert compare(bad, good).better is False
    assert compare(bad, good).curves[0].at == {Axis.EPOCH: 2, Axis.STEP: 200}


def test_less_of_a_loss_is_better() -> None:
    low, high = curve_run("val/loss", STUCK), curve_run("val/loss", RISING)
    assert compare(low, high).better is True


def test_alike_runs_have_no_better_one() -> None:
    assert compare(curve_run("val/iou", RISING), curve_run("val/iou", RISING)).better is None


def test_a_run_that_became_nan_is_the_worse_one() -> None:
    broken = curve_run("val/loss", [1.0, 0.9, 0.8, 0.7, "NaN", "NaN", "NaN", "NaN"])
    whole = curve_run("val/loss", [1.0, 0.9, 0.8, 0.7, 0.6, 0.55, 0.52, 0.5])
    assert compare(broken, whole).better is False


def test_the_differences_are_those_of_the_worse_run() -> None:
    good = curve_run("val/iou", RISING, "good", lr=1e-3)
    bad = curve_run("val/iou", STUCK, "bad", lr=1e-5)
    for comparison in (compare(good, bad), compare(bad, good)):
        assert comparison.differences[0].text == "lr 100x smaller: 1e-5 against 0.001"


def test_runs_are_compared_at_equal_samples_where_their_batches_differ() -> None:
    small = curve_run("val/iou", RISING, stride=160, batch_size=8)
    large = curve_run("val/iou", RISING, stride=10, batch_size=128)
    (curve,) = compare(small, large).curves
    assert (curve.axis, curve.parted) == (Axis.SAMPLES, None)
    assert curve.both.places.tolist() == [1_280 * epoch for epoch in range(1, 9)]


def test_a_step_that_is_an_epoch_makes_no_samples() -> None:
    small = curve_run("val/iou", RISING, stride=1, batch_size=8)
    large = curve_run("val/iou", RISING, stride=1, batch_size=128)
    assert compare(small, large).curves[0].axis == Axis.EPOCH


def test_samples_that_are_logged_count_whatever_the_steps_are() -> None:
    def records(batch: int) -> list[Record]:
        return [{"step": n, "samples": n * batch, "val/iou": v} for n, v in enumerate(RISING)]

    (curve,) = compare(run_of(records(8)), run_of(records(16))).curves
    assert curve.axis == Axis.SAMPLES
    assert curve.both.places.tolist() == [0, 16, 32, 48]


def test_the_size_of_the_training_set_turns_epochs_into_samples() -> None:
    whole = curve_run("val/iou", RISING, train_samples=1_000)
    half = curve_run("val/iou", RISING, train_samples=500)
    (curve,) = compare(whole, half).curves
    assert (curve.axis, curve.both.places[-1]) == (Axis.SAMPLES, 4_000)


def test_without_samples_and_epochs_steps_are_left() -> None:
    records: list[Record] = [{"step": n, "val/iou": value} for n, value in enumerate(RISING)]
    assert compare(run_of(records), run_of(records)).curves[0].axis == Axis.STEP


def test_runs_without_anything_in_common_are_not_compared() -> None:
    early: list[Record] = [{"step": n, "val/iou": 0.5} for n in range(5)]
    late: list[Record] = [{"step": n, "val/iou": 0.5} for n in range(10, 15)]
    assert not compare(run_of(early), run_of(late)).curves
    assert not compare(curve_run("val/iou", RISING), curve_run("val/f1", RISING)).curves


def test_an_evaluation_decides_before_a_loss_and_a_whole_before_a_half() -> None:
    names = ("train/loss", "val/loss", "val/precision", "val/map50")
    records: list[Record] = [dict.fromkeys(names, 0.5) | {"step": n} for n in range(5)]
    curves = compare(run_of(records), run_of(records)).curves
    assert [curve.pair.name for curve in curves] == list(reversed(names))
    assert [curve.pair.evaluates for curve in curves] == [True, True, True, False]


def test_the_monitored_metric_decides_before_all_others() -> None:
    header: Record = {"trainmon": 1, "config": {"monitor": "val/zeal", "mode": "min"}}
    rows: list[Record] = [{"step": n, "val/f1": 0.5, "val/zeal": 1 + n} for n in range(5)]
    lower: list[Record] = [{"step": n, "val/f1": 0.5, "val/zeal": 0.1} for n in range(5)]
    comparison = compare(run_of([header, *rows]), run_of([header, *lower]))
    assert comparison.curves[0].pair.name == "val/zeal"
    assert comparison.better is False


def test_a_person_may_say_which_metric_decides() -> None:
    records: list[Record] = [{"step": n, "val/f1": 0.5, "train/loss": 1.0} for n in range(5)]
    curves = compare(run_of(records), run_of(records), "train/loss").curves
    assert [curve.pair.name for curve in curves] == ["train/loss", "val/f1"]


def test_a_metric_that_not_both_log_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="there are: val/iou"):
        compare(curve_run("val/iou", RISING), curve_run("val/iou", RISING), "val/f1")


@pytest.mark.parametrize(
    ("name", "other"), [("val/iou", "val_iou"), ("val/iou", "eval/iou"), ("train/loss", "loss")]
)
def test_a_metric_is_the_same_by_another_spelling(name: str, other: str) -> None:
    (curve,) = compare(curve_run(name, RISING), curve_run(other, RISING)).curves
    assert (curve.pair.name, curve.pair.other) == (name, other)


def test_a_metric_of_unknown_direction_parts_without_a_better_one() -> None:
    header: Record = {"trainmon": 1, "config": {"monitor": "val/zeal"}}
    run, other = (
        run_of([header, *({"step": n, "val/zeal": value} for n, value in enumerate(values))])
        for values in (RISING, STUCK)
    )
    comparison = compare(run, other)
    assert comparison.better is None
    assert comparison.curves[0].parted == 1


def test_what_a_resume_redid_is_left_out() -> None:
    steps = [*range(10), *range(5, 20)]
    values = [*([0.5] * 5), *([99.0] * 5), *([0.5] * 15)]
    records: list[Record] = [
        {"step": step, "val/loss": value} for step, value in zip(steps, values, strict=True)
    ]
    assert np.max(compare(run_of(records), run_of(records)).curves[0].both.values) == 0.5
