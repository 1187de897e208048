"""What may be logged as a metric, and what becomes of the rest."""

import io
import math
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from trainmon import Writer

Logged = Callable[[dict[str, Any]], dict[str, Any]]


class Phase(IntEnum):
    FROZEN = 1


class Broken:
    def __float__(self) -> float:
        raise RuntimeError("device-side assert triggered")


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, stderr: io.StringIO) -> Writer:
    return Writer(folder, clock=lambda: 1.0, stderr=stderr)


@pytest.fixture
def logged(log: Writer, folder: Path, read: Callable[[Path], list[dict[str, Any]]]) -> Logged:
    """Return a function that logs metrics without a position and gives what the line holds."""

    def write(metrics: dict[str, Any]) -> dict[str, Any]:
        log.log(metrics)
        line = read(folder / "rank0.jsonl")[-1]
        assert line.pop("time") == 1.0
        return line

    return write


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (np.float64("nan"), "NaN"),
        (torch.tensor(math.inf), "Infinity"),
        ("nan", "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
    ],
)
def test_numbers_that_are_not_finite_survive(logged: Logged, value: object, written: str) -> None:
    assert logged({"loss": value, "lr": 0.5}) == {"loss": written, "lr": 0.5}


def test_infinities_that_cancel_out_survive(logged: Logged) -> None:
    assert logged({"a": math.inf, "b": -math.inf}) == {"a": "Infinity", "b": "-Infinity"}


def test_finite_numbers_whose_sum_overflows_stay_numbers(logged: Logged) -> None:
    assert logged({"a": 1.7e308, "b": 1.7e308}) == {"a": 1.7e308, "b": 1.7e308}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),  # noqa: FBT003 - the value is what is tested
        (np.array(0.5), 0.5),
        (np.array([0.5]), 0.5),
        (torch.tensor(0.5), 0.5),
        (torch.tensor(0.5, requires_grad=True), 0.5),
        (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
        (torch.tensor(7), 7),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 2), 0.5),
        (True, True),
        (Phase.FROZEN, 1),
        (1 << 70, float(1 << 70)),
        ("3e-4", 3e-4),
        (None, None),
    ],
)
def test_one_number_of_any_library_is_written_as_a_number(
    logged: Logged, value: object, written: object
) -> None:
    assert logged({"value": value}) == {"value": written}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (torch.zeros(3, 4), "has shape (3, 4)"),
        (np.zeros(0), "has shape (0,)"),
        ([1.0, 2.0], "is of type list"),
        ("high", "is text, not a number"),
        (1 + 2j, "is of type complex"),
        (object(), "is of type object"),
        (Broken(), "device-side assert triggered"),
        (10**400, "too large"),
    ],
)
def test_what_is_not_one_number_is_left_out_and_the_rest_kept(
    logged: Logged, log: Writer, stderr: io.StringIO, value: object, reason: str
) -> None:
    assert logged({"odd": value, "loss": 1.0}) == {"loss": 1.0}
    assert logged({"odd": value, "loss": 2.0}) == {"loss": 2.0}
    assert (log.left_out, log.dropped) == (2, 0)
    assert stderr.getvalue().count("\n") == 1
    assert "'odd' is left out" in stderr.getvalue()
    assert reason in stderr.getvalue()


def test_nested_metrics_are_joined_by_slashes(logged: Logged) -> None:
    nested = {"val": {"tail": {"fpr": 0.1}, "loss": math.nan}, "lr": 0.5}
    assert logged(nested) == {"val/tail/fpr": 0.1, "val/loss": "NaN", "lr": 0.5}


def test_a_dictionary_that_holds_itself_is_left_out(logged: Logged, log: Writer) -> None:
    endless: dict[str, Any] = {"loss": 1.0}
    endless["again"] = endless
    assert logged(endless)["again/loss"] == 1.0
    assert (log.left_out, log.dropped) == (1, 0)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (3, "3"),
        (("head", 1), "('head', 1)"),
        ("loss\ud800", "loss?"),
        ("loss\n\x1b[2J\x00", "loss\n\x1b[2J\x00"),  # readers clean what they show
    ],
)
def test_names_of_any_type_become_text(logged: Logged, name: object, written: str) -> None:
    assert logged({name: 1.0}) == {written: 1.0}  # type: ignore[dict-item]  # that is the point


@pytest.mark.parametrize("name", ["event", "trainmon", "time"])
def test_a_metric_cannot_turn_its_line_into_another_kind(
    logged: Logged, log: Writer, name: str
) -> None:
    assert logged({name: 3.0, "loss": 1.0}) == {"loss": 1.0}
    assert log.left_out == 1


def test_step_and_epoch_among_the_metrics_count_as_such(logged: Logged) -> None:
    assert logged({"step": 4, "epoch": np.float32(0.5), "loss": "nan"}) == {
        "step": 4,
        "epoch": 0.5,
        "loss": "NaN",
    }


def test_the_step_among_the_metrics_is_the_last_one_told(log: Writer) -> None:
    log.log({"step": 4, "loss": 1.0})
    assert log.step == 4


class Spread:
    """What a `DTensor` of torch's is: this process's part of a tensor, or a copy of the whole."""

    def __init__(self, *, replicated: bool) -> None:
        self.placements = (self,)
        self._replicated = replicated

    def is_replicate(self) -> bool:
        return self._replicated

    def to_local(self) -> torch.Tensor:
        return torch.tensor(0.5)

    def item(self) -> float:
        raise AssertionError("a collective, which hangs where one rank alone logs")


def test_a_tensor_that_every_process_has_is_written(logged: Logged) -> None:
    assert logged({"grad_norm": Spread(replicated=True)}) == {"grad_norm": 0.5}


def test_a_tensor_that_is_spread_over_processes_is_not_gathered(
    logged: Logged, log: Writer, stderr: io.StringIO
) -> None:
    assert logged({"grad_norm": Spread(replicated=False), "loss": 1.0}) == {"loss": 1.0}
    log.event("note", norm=Spread(replicated=False))
    assert "log its full_tensor()" in stderr.getvalue()
    assert log.dropped == 0


class UnspeakableError(Exception):
    """An error that fails at telling what it is."""

    def __str__(self) -> str:
        raise self

    __repr__ = __str__


class Unspeakable:
    def __float__(self) -> float:
        raise UnspeakableError


def test_an_error_that_cannot_be_told_does_not_reach_the_training(
    logged: Logged, log: Writer, stderr: io.StringIO
) -> None:
    assert logged({"odd": Unspeakable(), "loss": 1.0}) == {"loss": 1.0}

    def fail(_values: list[float]) -> None:
        raise UnspeakableError

    log.fetch(torch.ones(1), fail)
    assert stderr.getvalue().count("UnspeakableError") == 2


def test_the_step_given_wins_over_one_among_the_metrics(
    log: Writer, folder: Path, read: Callable[[Path], list[dict[str, Any]]]
) -> None:
    log.log({"step": 4, "loss": 1.0}, step=torch.tensor(9))
    assert read(folder / "rank0.jsonl")[-1] == {"step": 9, "time": 1.0, "loss": 1.0}
    assert log.left_out == 1
