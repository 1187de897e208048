import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from trainmon.record import EventKind
from trainmon.source import Head, Part
from trainmon.sources.jsonl import JsonLinesSource
from trainmon.store.batch import Batch


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def parts_of(*records: dict[str, Any]) -> Sequence[Part]:
    return JsonLinesSource().read(lines(*records))


def batch_of_one_run(*records: dict[str, Any]) -> Batch:
    (part,) = parts_of(*records)
    return part.batch


@pytest.mark.parametrize(
    "head",
    [
        b'{"step": "1", "loss": "2.5"}\n',
        b'{"train/loss": 1}\n{"train/loss": NaN}\n',
        b'{"step": "NaN", "loss": "NaN"}\n',
        b'{"loss": 1e999}\n',
        b'{"message": "one epoch done", "host": "a", "metrics": {"loss": 0.5}}\n',
    ],
)
def test_objects_with_numbers_are_recognised(head: bytes) -> None:
    assert JsonLinesSource.recognises(Head(head))


@pytest.mark.parametrize(
    "head",
    [
        b'{"name": "resnet", "author": "someone"}\n' * 3,
        b'{"id": 7, "prompt": "why?", "completion": "because"}\n' * 3,
        b'{"text": "a b", "label": 1}\n' * 3,
        b'{"id": 7, "score": 0.5}\n' * 3,
        b'{"lr": 0.001, "layers": [1, 2], "epochs": 10}\n',
        b'{"level": "info", "ts": 1760000000.5, "msg": "request served"}\n' * 3,
        b"epoch 1 loss 0.5\n" * 3,
        b'\x00\x12{"step": 1, "loss": 0.5}\n\x01\x02\n' * 5,
    ],
)
def test_other_lines_are_no_log(head: bytes) -> None:
    assert not JsonLinesSource.recognises(Head(head))


def test_records_that_repeat_among_lines_of_text_are_recognised() -> None:
    text = b'starting\nstill starting\n{"lr": 0.1, "model": "small"}\nready\n'
    record = b'progress {"step": 1, "loss": 0.5}\nsaved\nloaded\n'
    assert not JsonLinesSource.recognises(Head(text + record))
    assert JsonLinesSource.recognises(Head(text + record * 3))


def test_an_object_behind_words_is_read_and_told() -> None:
    source = JsonLinesSource()
    (part,) = source.read(b'INFO:root:{"step": 1, "loss": 1.5}\nbye\njson_stats: {"loss": 1.25}\n')
    assert part.batch.samples["loss"].values.tolist() == [1.5, 1.25]
    assert sum(part.skipped.values()) == 1
    assert source.remarks() == ("the JSON object at the end of a line is read",)


def test_a_torn_line_is_counted() -> None:
    (part,) = JsonLinesSource().read(b'{"step": 1, "lo\n{"step": 2, "loss": 1}\n')
    assert part.batch.steps.tolist() == [2]
    assert sum(part.skipped.values()) == 1


@pytest.mark.parametrize(
    "key", ["step", "global_step", "iteration", "_step", "num_updates", "update", "batch", "i"]
)
def test_the_step_is_found_under_its_common_names(key: str) -> None:
    assert batch_of_one_run({key: 3, "loss": 1.0}).steps.tolist() == [3]


@pytest.mark.parametrize("time", [1.76e9, 1.76e12, "2025-10-09T08:53:20Z", "2025-10-09 08:53:20"])
def test_times_are_unix_seconds(time: float | str) -> None:
    assert batch_of_one_run({"step": 1, "ts": time, "loss": 1.0}).times.tolist() == [1.76e9]


@pytest.mark.parametrize(
    ("spelled", "value"), [("1,234", 1234.0), ("12,345,678.5", 12345678.5), ("2.5e-4", 2.5e-4)]
)
def test_a_number_written_as_text_is_a_number(spelled: str, value: float) -> None:
    batch = batch_of_one_run({"step": 1, "metrics": {"tokens": spelled}})
    assert batch.samples["metrics/tokens"].values.tolist() == [value]


@pytest.mark.parametrize("spelled", ["1,5", "0,123", "1,23,456", "a,b"])
def test_a_text_that_may_be_something_else_is_no_number(spelled: str) -> None:
    assert list(batch_of_one_run({"step": 1, "loss": 1.0, "x": spelled}).samples) == ["loss"]


def test_lists_are_no_numbers_but_for_the_average_precision_of_coco() -> None:
    batch = batch_of_one_run(
        {"epoch": 0, "test_coco_eval_bbox": [0.4, 0.6, 0.5], "per_class": [0.1, 0.9]}
    )
    assert {name: each.values.tolist() for name, each in batch.samples.items()} == {
        "test_coco_eval_bbox/AP": [0.4]
    }


@pytest.mark.parametrize("key", ["split", "mode", "phase", "stage", "set", "type"])
def test_a_field_that_names_the_split_names_the_metrics(key: str) -> None:
    source = JsonLinesSource()
    (part,) = source.read(
        lines(
            {key: "train", "step": 10, "loss": 1.0, "lr": 0.1},
            {key: "Validation", "step": 10, "loss": 2.0, "val_accuracy": 0.5},
        )
    )
    assert set(part.batch.samples) == {"train/loss", "lr", "val/loss", "val_accuracy"}
    assert "train, val" in source.remarks()[0]


def test_an_evaluation_that_counts_its_own_batches_stands_at_the_last_training_step() -> None:
    (part,) = parts_of(
        {"split": "train", "step": 100, "loss": 1.0},
        {"split": "val", "step": 8, "loss": 2.0},
        {"split": "train", "step": 110, "loss": 0.9},
        {"split": "val", "step": 110, "loss": 2.0},
    )
    assert part.batch.steps.tolist() == [100, 100, 110, 110]


def test_a_step_back_at_the_start_begins_a_run() -> None:
    records = [{"step": step, "loss": 1.0} for step in (10, 20, 30, 10, 20)]
    assert [part.begins_run for part in parts_of(*records)] == [False, True]


def test_an_epoch_back_at_the_start_begins_a_run_where_no_steps_are_told() -> None:
    records = [{"epoch": epoch, "train_loss": 1.0} for epoch in (0, 1, 2, 1, 2, 0, 1)]
    first, second = parts_of(*records)
    assert first.batch.epochs.tolist() == [0, 1, 2, 1, 2]
    assert second.begins_run


def test_epochs_alone_leave_the_step_open() -> None:
    assert np.isnan(batch_of_one_run({"epoch": 3, "train_loss": 1.0}).steps).all()


def test_a_message_named_event_leaves_the_numbers() -> None:
    batch = batch_of_one_run({"event": "train step", "step": 1, "loss": 1.0})
    assert not batch.events
    assert batch.samples["loss"].values.tolist() == [1.0]


def test_a_line_of_configuration_is_an_event() -> None:
    batch = batch_of_one_run({"config": {"lr": 0.1}}, {"step": 1, "loss": 1.0})
    assert [(event.row, event.kind) for event in batch.events] == [(0, EventKind.CONFIG)]
    assert batch.events[0].fields["config"] == {"lr": 0.1}


def test_a_duration_named_time_is_a_metric() -> None:
    batch = batch_of_one_run({"step": 1, "time": 0.25, "loss": 1.0})
    assert batch.samples["time"].values.tolist() == [0.25]


def test_digits_without_end_do_no_harm() -> None:
    data = b'{"step": 1, "loss": "' + b"9" * 5000 + b'", "x": 1}\n{"step": ' + b"9" * 5000 + b"}\n"
    (part,) = JsonLinesSource().read(data)
    assert part.batch.samples["x"].values.tolist() == [1.0]


def test_a_first_line_of_settings_alone_is_the_configuration() -> None:
    settings = {"lr": 0.1, "batch_size": 8, "accum": 4, "epochs": 12, "loss": "ce"}
    lines = [settings, {"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}]
    (part,) = JsonLinesSource().read("\n".join(map(json.dumps, [*lines, ""])).encode())
    assert part.batch.events[0].fields["config"] == settings
    assert part.batch.samples["loss"].values.tolist() == [2.0, 1.0]
    assert "lr" not in part.batch.samples
