"""A run as plain data to compare with: its curves on all axes that its log tells of."""

import numpy as np
import pytest

from tests.comparison.runs import run_of
from trainmon.reference import CURVES_LIMIT, POINTS_LIMIT, Axis
from trainmon.roles import Direction
from trainmon.store.batch import Record


def _log(count: int, **config: object) -> list[Record]:
    header: Record = {"trainmon": 1, "config": config}
    rows: list[Record] = [
        {"step": 10 * n, "epoch": n, "val/f1": n / count} for n in range(1, count + 1)
    ]
    return [header, *rows]


def test_a_value_stands_on_all_axes_that_the_log_tells_of() -> None:
    curve = run_of(_log(3, batch_size=4, accum=2)).curves["val/f1"]
    assert curve.on(Axis.STEP)[0].tolist() == [10, 20, 30]
    assert curve.on(Axis.EPOCH)[0].tolist() == [1, 2, 3]
    assert curve.on(Axis.SAMPLES)[0].tolist() == [80, 160, 240]
    assert not len(curve.on(Axis.TOKENS)[0])


def test_without_a_batch_size_there_are_no_samples() -> None:
    run = run_of(_log(3))
    assert not len(run.curves["val/f1"].on(Axis.SAMPLES)[0])
    assert not run.counted


def test_the_size_of_the_training_set_counts_before_steps_and_batch() -> None:
    run = run_of(_log(3, batch_size=4, train_samples=1_000))
    assert run.curves["val/f1"].on(Axis.SAMPLES)[0].tolist() == [1_000, 2_000, 3_000]
    assert run.counted


def test_samples_and_tokens_that_are_logged_count_before_all_else() -> None:
    rows: list[Record] = [{"step": n, "samples": 7 * n, "tokens": 70 * n} for n in range(1, 5)]
    run = run_of([*_log(0, batch_size=4), *rows, {"step": 4, "val/f1": 0.5}])
    assert run.curves["val/f1"].on(Axis.SAMPLES)[0].tolist() == [28]
    assert run.curves["val/f1"].on(Axis.TOKENS)[0].tolist() == [280]
    assert run.counted


def test_samples_of_each_batch_are_no_count() -> None:
    rows: list[Record] = [{"step": n, "samples": 64 - n % 2, "val/f1": 0.5} for n in range(9)]
    assert not len(run_of(rows).curves["val/f1"].on(Axis.SAMPLES)[0])


def test_a_long_curve_is_kept_as_medians() -> None:
    count = 3 * POINTS_LIMIT
    values = np.where(np.arange(count) % 3 == 0, 100.0, 1.0)  # one in three is off
    rows: list[Record] = [{"step": n, "train/loss": value} for n, value in enumerate(values)]
    curve = run_of(rows).curves["train/loss"]
    assert len(curve.values) == POINTS_LIMIT
    assert set(curve.values.tolist()) == {1.0}
    assert curve.on(Axis.STEP)[0][-1] == count - 1


def test_what_a_resume_redid_is_left_out() -> None:
    steps = (1, 2, 3, 4, 3, 4, 5)
    rows: list[Record] = [{"step": step, "val/f1": n} for n, step in enumerate(steps)]
    curve = run_of(rows).curves["val/f1"]
    assert curve.on(Axis.STEP)[0].tolist() == [1, 2, 3, 4, 5]
    assert curve.values.tolist() == [0, 1, 4, 5, 6]


def test_curves_are_kept_in_the_order_of_what_decides() -> None:
    names = [f"train/part{n}_loss" for n in range(2 * CURVES_LIMIT)]
    rows: list[Record] = [dict.fromkeys(names, 1.0) | {"step": n, "val/f1": 1.0} for n in range(2)]
    run = run_of(rows)
    assert len(run.curves) == CURVES_LIMIT
    assert "val/f1" in run.curves


def test_times_and_norms_are_not_kept() -> None:
    row: Record = {"step": 1, "data_time": 0.1, "grad_norm/a": 1.0, "sys/cpu": 0.5, "lr": 0.1}
    assert list(run_of([row]).curves) == ["lr"]


@pytest.mark.parametrize(("mode", "direction"), [("max", "higher"), ("min", "lower")])
def test_the_monitored_metric_keeps_its_direction(mode: str, direction: str) -> None:
    header: Record = {"trainmon": 1, "config": {"monitor": "val/zeal", "mode": mode}}
    run = run_of([header, {"step": 1, "val/zeal": 1.0, "val/f1": 1.0}])
    assert run.direction("val/zeal").value.startswith(direction)
    assert run.direction("val/f1") == Direction.HIGHER


def test_a_log_without_metrics_has_no_curves() -> None:
    assert not run_of(_log(0, lr=1.0)).curves
