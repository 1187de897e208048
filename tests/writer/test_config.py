"""Configurations of any shape end up in the header."""

import argparse
import dataclasses
import enum
import io
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from trainmon import Writer
from trainmon.errors import WriterError

Read = Callable[[Path], list[dict[str, Any]]]


class Schedule(enum.Enum):
    COSINE = "cosine"


@dataclasses.dataclass
class Model:
    width: int = 64
    activation: type = torch.nn.ReLU


class Constants:
    lr = 3e-4


class Interpolated(dict[str, object]):
    def __getitem__(self, name: str) -> object:
        if name == "missing":
            raise KeyError(name)
        return super().__getitem__(name)


class ConfigDict:
    def keys(self) -> list[str]:
        return ["lr"]

    def __getitem__(self, name: str) -> float:
        return 3e-4


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    "config",
    [
        {"lr": 3e-4},
        argparse.Namespace(lr=3e-4),
        SimpleNamespace(lr=3e-4),
        dataclasses.make_dataclass("Config", [("lr", float)])(3e-4),
        Constants,
        ConfigDict(),
    ],
)
def test_settings_may_come_in_any_common_form(folder: Path, read: Read, config: object) -> None:
    Writer(folder, config=config)
    assert read(folder / "rank0.jsonl")[0]["config"] == {"lr": 3e-4}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Model(), {"width": 64, "activation": "ReLU"}),
        (argparse.Namespace(depth=2), {"depth": 2}),
        ({3: {"a": (1, 2)}}, {"3": {"a": [1, 2]}}),
        (Path("data/train"), "data/train"),
        (Schedule.COSINE, "cosine"),
        (math.inf, "Infinity"),
        (1 << 70, "1180591620717411303424"),
        (np.float32(0.5), 0.5),
        (np.array([3, 4]), [3, 4]),
        (torch.tensor([0.5, math.nan]), [0.5, "NaN"]),
        (torch.zeros(200, 200), "<Tensor of shape (200, 200)>"),
        (torch.device("cpu"), "cpu"),
        ("\ud800", "?"),
        (None, None),
        (Unspeakable(), "<Unspeakable>"),
    ],
)
def test_a_setting_of_any_type_has_a_plain_form(
    folder: Path, read: Read, value: object, written: object
) -> None:
    Writer(folder, config={"value": value})
    assert read(folder / "rank0.jsonl")[0]["config"] == {"value": written}


def test_a_setting_that_leads_nowhere_leaves_the_others_alone(folder: Path, read: Read) -> None:
    Writer(folder, config=Interpolated(lr=0.5, missing="${data.root}"))
    assert read(folder / "rank0.jsonl")[0]["config"] == {"lr": 0.5, "missing": "<KeyError>"}


def test_a_configuration_that_holds_itself_comes_to_an_end(folder: Path, read: Read) -> None:
    config: dict[str, object] = {"lr": 0.5}
    config["base"] = config
    Writer(folder, config=config)
    assert read(folder / "rank0.jsonl")[0]["config"]["base"]["lr"] == 0.5


def test_a_text_is_cut_and_data_in_the_settings_left_out(folder: Path, read: Read) -> None:
    stderr = io.StringIO()
    config = {"rows": [["x" * 1_000] * 10] * 100, "text": "y" * 100_000, "lr": 0.5}
    log = Writer(folder, config=config, stderr=stderr)
    kept = read(folder / "rank0.jsonl")[0]["config"]
    assert list(kept) == ["text", "lr"]
    assert len(kept["text"]) == 20_000
    assert log.left_out == 1
    assert "'rows' is left out: it makes the configuration longer" in stderr.getvalue()


def test_what_has_no_names_is_no_configuration(folder: Path) -> None:
    with pytest.raises(WriterError, match="config is a float"):
        Writer(folder, config=3e-4)


def test_a_run_may_be_called_otherwise_than_its_folder(folder: Path, read: Read) -> None:
    assert Writer(folder, run="warm start").run == "warm start"
    assert read(folder / "rank0.jsonl")[0]["run"] == "warm start"
