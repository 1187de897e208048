"""Configurations that a console prints, and lines that look like one."""

from typing import Any

import pytest

from trainmon.configuration import settings_of
from trainmon.console.settings import PrintedSettings
from trainmon.sources.key_value import KeyValueSource

TELLING = [
    "Config: optimizer=Adam, lr=0.002, batch_size=8, accum=4",
    "args: Namespace(lr=0.002, batch_size=8, grad_accum=4, optimizer='Adam', resume=None)",
    "TrainConfig(lr=0.002, batch_size=8, accumulation_steps=4, optim='Adam')",
    "Training config: {'lr': 0.002, 'bs': 8, 'accum_iter': 4, 'optimizer': {'type': 'Adam'}}",
    'hparams {"lr": 2e-3, "batch_size": 8, "grad_accum_steps": 4, "opt": "Adam"}',
    "Hyperparameters: lr = 0.002 | batch size = 8 | grad accum = 4 | optimizer = Adam",
    "[config] learning_rate=0.002 batch_size=8 accum=4 optimizer=Adam",
    "+ python -u src/train.py data/ --lr 2e-3 --batch-size 8 --grad-accum=4 --opt Adam --amp",
]


@pytest.mark.parametrize("line", TELLING)
def test_a_line_that_tells_a_configuration_is_read_in_any_of_its_spellings(line: str) -> None:
    told = settings_of(PrintedSettings().take(line) or {})
    assert {key: told.get(key) for key in ("lr", "batch_size", "accum", "optimizer")} == {
        "lr": 0.002,
        "batch_size": 8,
        "accum": 4,
        "optimizer": "Adam",
    }


@pytest.mark.parametrize(
    "line",
    [
        "Epoch 3 | step 10 | loss 2.3 | lr 0.1",
        "step 10: loss=2.3, lr=0.1",
        "Params: 11.2M, FLOPs: 3.4G",
        "Config file: configs/a.yaml",
        "best config so far: loss=0.1, acc=0.3",
        "Trainable params: 1,200,000 || all params: 1,300,000 || trainable%: 0.03",
        "usage: train.py [-h] [--lr LR] [--epochs EPOCHS]",
        "options: verbose=1",
    ],
)
def test_other_lines_are_no_configuration(line: str) -> None:
    assert not PrintedSettings().take(line)


def test_below_a_heading_one_setting_a_line_is_read_until_another_kind_of_line() -> None:
    lines = ["Arguments:", "lr: 0.1", "--------", "batch_size ....... 32", "clip = 1.0"]
    printed = PrintedSettings()
    assert [printed.take(line) for line in lines[:2]] == [{}, {"lr": 0.1}]
    assert printed.take("step 1 loss 2.3") is None
    assert printed.take("batch_size: 32") is None


def _configs(*lines: str) -> list[dict[str, Any]]:
    steps = [f"step {at} loss {2 - at / 10}" for at in range(1, 5)]
    source = KeyValueSource()
    parts = source.read("\n".join([*lines[:1], *steps, *lines[1:], ""]).encode())
    events = [event for part in parts for event in part.batch.events]
    return [{k: v for k, v in e.fields.items() if k != "event"} for e in events]


def test_a_configuration_is_told_ahead_of_the_records_and_is_none_of_them() -> None:
    assert _configs("Config: lr=0.1, epochs=12") == [{"lr": 0.1, "epochs": 12}]


def test_what_is_printed_later_adds_settings_and_changes_none() -> None:
    later = "Settings: lr=0.01, clip=1.0"
    assert _configs("Config: lr=0.1, epochs=12", later)[1:] == [{"clip": 1.0}]
