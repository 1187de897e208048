import json
from collections.abc import Sequence
from typing import Any

import pytest

from trainmon.source import Head, Part
from trainmon.sources.mmengine import MmengineSource


def train(step: int, epoch: int) -> dict[str, Any]:
    return {
        "lr": 0.1,
        "data_time": 0.01,
        "loss": 1.0,
        "time": 0.2,
        "epoch": epoch,
        "iter": step,
        "step": step,
    }


def val(step: int, **fields: float) -> dict[str, Any]:
    return {**fields, "data_time": 1.1, "time": 1.2, "step": step}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def read(*records: dict[str, Any]) -> Sequence[Part]:
    return MmengineSource().read(lines(*records))


def test_a_training_record_is_recognised() -> None:
    assert MmengineSource.recognises(Head(lines(train(10, 1))))


@pytest.mark.parametrize("record", [{"step": 1, "lr": 0.1, "loss": 2.0}, val(1, accuracy=0.5)])
def test_other_records_are_not(record: dict[str, Any]) -> None:
    assert not MmengineSource.recognises(Head(lines(record)))


@pytest.mark.parametrize("told", [0, 1])
def test_a_validation_stands_at_the_last_training_step(told: int) -> None:
    (part,) = read(train(10, 1), train(20, 1), val(told, **{"coco/AP": 0.5}), train(30, 2))
    assert part.batch.steps.tolist() == [10, 20, 20, 30]
    assert part.batch.samples["val/coco/AP"].rows.tolist() == [2]


def test_the_times_of_a_validation_are_kept_apart() -> None:
    (part,) = read(train(10, 1), val(1, PCK=0.5))
    assert part.batch.samples["step_time"].values.tolist() == [0.2]
    assert part.batch.samples["val/data_time"].values.tolist() == [1.1]


def test_minus_one_of_an_average_precision_is_a_gap() -> None:
    (part,) = read(train(10, 1), val(1, **{"coco/AP (M)": -1.0, "coco/AR": 0.2, "shift": -1.0}))
    assert "val/coco/AP (M)" not in part.batch.samples
    assert {"val/coco/AR", "val/shift"} <= set(part.batch.samples)


def test_the_second_name_of_the_step_is_no_metric() -> None:
    (part,) = read(train(10, 1))
    assert set(part.batch.samples) == {"lr", "data_time", "loss", "step_time"}
