import json
from collections.abc import Sequence
from typing import Any

from trainmon.source import Head, Part
from trainmon.sources.mmcv import MmcvSource

ENVIRONMENT = {
    "env_info": "Python: 3.8",
    "exp_name": "own.py",
    "seed": 3,
    "config": "optimizer = dict(type='SGD', lr=0.02)\nrunner = dict(max_epochs=12)\n"
    "data = dict(samples_per_gpu=4)\noptimizer_config = dict(grad_clip=dict(max_norm=35))\n",
}


def train(epoch: int, iteration: int, **fields: float) -> dict[str, Any]:
    return {"mode": "train", "epoch": epoch, "iter": iteration, "loss": 1.0, "time": 0.2, **fields}


def val(epoch: int, batches: int, **fields: float) -> dict[str, Any]:
    return {"mode": "val", "epoch": epoch, "iter": batches, "lr": 0.1, **fields}


def read(*records: dict[str, Any]) -> Sequence[Part]:
    return MmcvSource().read(b"".join(json.dumps(each).encode() + b"\n" for each in records))


def test_a_record_with_a_mode_is_recognised() -> None:
    assert MmcvSource.recognises(Head(json.dumps(train(1, 10)).encode() + b"\n"))


def test_the_environment_is_enough_to_recognise_it() -> None:
    assert MmcvSource.recognises(Head(json.dumps(ENVIRONMENT).encode() + b"\n"))


def test_iterations_are_counted_through_the_epochs() -> None:
    (part,) = read(train(1, 50), train(1, 100), train(2, 50), train(2, 100), train(3, 50))
    assert part.batch.steps.tolist() == [50, 100, 150, 200, 250]


def test_so_are_those_of_a_log_with_one_record_an_epoch() -> None:
    (part,) = read(train(1, 100), train(2, 100), train(3, 100))
    assert part.batch.steps.tolist() == [100, 200, 300]


def test_a_validation_stands_at_the_last_training_step_under_names_of_its_own() -> None:
    (part,) = read(train(1, 100), val(1, 7, loss=2.0, mAP=0.5), train(2, 100))
    assert part.batch.steps.tolist() == [100, 100, 200]
    assert set(part.batch.samples) == {"loss", "step_time", "lr", "val/loss", "val/mAP"}


def test_precision_without_objects_is_a_gap() -> None:
    (part,) = read(train(1, 100), val(1, 7, bbox_mAP=0.5, bbox_mAP_s=-1.0, val_shift=-1.0))
    assert "val/bbox_mAP_s" not in part.batch.samples
    assert part.batch.samples["val/val_shift"].values.tolist() == [-1.0]


def test_memory_is_in_bytes() -> None:
    (part,) = read(train(1, 10, memory=2048))
    assert part.batch.samples["memory"].values.tolist() == [2048 * 1024 * 1024]


def test_an_environment_begins_a_run_and_tells_its_configuration() -> None:
    first, second = read(train(1, 50), train(1, 100), ENVIRONMENT, train(2, 50))
    assert not first.begins_run
    assert second.begins_run
    config = second.batch.events[0].fields["config"]
    assert config["epochs"] == "12"
    assert config["batch_size"] == "4"
    assert config["clip"] == "35"


def test_an_epoch_back_at_the_first_one_begins_a_run_that_logs_more_rarely() -> None:
    often = [train(epoch, each) for epoch in (1, 2, 3) for each in (10, 20, 30, 40)]
    rarely = [train(epoch, 40) for epoch in (1, 2)]
    parts = read(*often, *rarely)
    assert [part.begins_run for part in parts] == [False, True]
    assert parts[1].batch.steps.tolist() == [40, 80]


def test_a_resumed_epoch_redoes_its_steps() -> None:
    epochs = [train(epoch, each) for epoch in (1, 2, 3) for each in (50, 100)]
    (part,) = read(*epochs, train(3, 50), train(3, 100))
    assert part.batch.steps.tolist() == [50, 100, 150, 200, 250, 300, 250, 300]
