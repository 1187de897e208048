import json
from collections.abc import Sequence
from math import isnan

import pytest

from trainmon.source import Head, Part
from trainmon.sources.detectron2 import Detectron2Source


def lines(*iterations: int, **fields: float) -> bytes:
    return b"".join(
        json.dumps({"iteration": each, "total_loss": 1.0, "time": 0.4, **fields}).encode() + b"\n"
        for each in iterations
    )


def read(data: bytes) -> Sequence[Part]:
    return Detectron2Source().read(data)


def test_an_iteration_with_a_total_loss_is_recognised() -> None:
    assert Detectron2Source.recognises(Head(lines(19)))


@pytest.mark.parametrize("line", [b'{"iteration": 1, "loss": 2.0}\n', b'{"time": 1.0}\n'])
def test_other_iterations_are_not(line: bytes) -> None:
    assert not Detectron2Source.recognises(Head(line))


def test_the_time_is_that_of_an_iteration() -> None:
    (part,) = read(lines(19, data_time=0.1))
    assert part.batch.samples["step_time"].values.tolist() == [0.4]
    assert set(part.batch.samples) == {"total_loss", "step_time", "data_time"}


def test_a_new_run_in_the_same_file_supersedes_the_one_before() -> None:
    parts = read(lines(19, 39, 59, 19, 39))
    assert [(part.begins_run, part.batch.n_rows) for part in parts] == [(False, 3), (True, 2)]


def test_a_run_that_ended_at_its_first_record_is_told_from_the_next() -> None:
    parts = read(lines(19, 19, 39))
    assert [(part.begins_run, part.batch.n_rows) for part in parts] == [(False, 1), (True, 2)]


def test_a_resume_redoes_steps_in_the_same_run() -> None:
    (part,) = read(lines(19, 39, 59, 79, 99, 79, 99))
    assert part.batch.n_rows == 7


def test_an_evaluation_alone_stands_at_its_iteration() -> None:
    (part,) = read(lines(19, 39) + b'{"bbox/AP": 27.5, "bbox/APs": NaN, "iteration": 39}\n')
    assert part.batch.steps.tolist() == [19, 39, 39]
    assert part.batch.samples["bbox/AP"].values.tolist() == [27.5]
    assert isnan(part.batch.samples["bbox/APs"].values[0])
