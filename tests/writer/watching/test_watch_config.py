"""What a watch tells of the configuration."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from trainmon import Writer
from trainmon.writer.watching import Watch

Told = Callable[[], dict[str, Any]]


@pytest.fixture
def told(folder: Path, read: Callable[[Path], list[dict[str, Any]]]) -> Told:
    """Return a function that gives what config events have told."""

    def merged() -> dict[str, Any]:
        lines = read(folder / "rank0.jsonl")
        configs = [line["config"] for line in lines if line.get("event") == "config"]
        return {name: value for config in configs for name, value in config.items()}

    return merged


def test_optimizer_and_model_are_described(log: Writer, told: Told) -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.1), nn.Linear(3, 1))
    model[2].requires_grad_(requires_grad=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    Watch(log, model, optimizer)
    assert told() == {
        "optimizer": "AdamW",
        "lr": 1e-3,
        "weight_decay": 0.05,
        "betas": [0.9, 0.999],
        "parameters": 13,
        "trainable_parameters": 9,
        "dropout": 0.1,
        "compiled": False,
    }


def test_the_rate_is_that_before_the_warm_up(log: Writer, told: Told, model: nn.Sequential) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.01)
    Watch(log, model, optimizer)
    assert told()["lr"] == 0.1


def test_words_of_the_script_stay_and_wrong_numbers_are_corrected(
    folder: Path, told: Told, model: nn.Sequential
) -> None:
    log = Writer(folder, config={"optimizer": "sgd", "lr": 0.1, "compiled": True})
    Watch(log, model, torch.optim.SGD(model.parameters(), lr=0.2))
    assert told()["lr"] == 0.2
    assert told().keys().isdisjoint({"optimizer", "compiled"})


def test_16_bit_parameters_tell_the_precision(
    log: Writer, told: Told, model: nn.Sequential
) -> None:
    Watch(log, model.to(torch.bfloat16))
    assert told()["precision"] == "bfloat16"
