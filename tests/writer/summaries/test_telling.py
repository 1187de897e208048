"""What of an evaluation, of inputs and of outputs reaches the log."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from trainmon import Writer
from trainmon.writer.summaries.telling import tell_evaluation, tell_inputs, tell_outputs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, stderr: io.StringIO) -> Writer:
    return Writer(folder, clock=lambda: 1.0, stderr=stderr)


@pytest.fixture
def lines(folder: Path, read: Callable[[Path], list[dict[str, Any]]]) -> Lines:
    """Return a function that gives the lines after the header."""
    return lambda: read(folder / "rank0.jsonl")[1:]


def test_an_evaluation_is_an_event_and_then_its_metrics(log: Writer, lines: Lines) -> None:
    tell_evaluation(log, "val", [0, 1], [0.1, 0.9], step=5, epoch=2, metrics={"loss": 0.5})
    event, metrics = lines()
    assert (event["event"], event["split"], event["step"], event["epoch"]) == (
        "evaluation",
        "val",
        5,
        2,
    )
    assert event["confusion"] == [[1, 0], [0, 1]]
    assert (metrics["step"], metrics["epoch"], metrics["val/loss"]) == (5, 2, 0.5)
    assert metrics["val/auroc"] == 1.0


def test_an_evaluation_without_a_step_is_at_the_last_one(log: Writer, lines: Lines) -> None:
    log.log({"train/loss": 1.0}, step=7)
    tell_evaluation(log, "val", [0, 1], [0.1, 0.9])
    assert [line["step"] for line in lines()] == [7, 7, 7]


def test_numbers_that_are_not_finite_are_strict_json(log: Writer, lines: Lines) -> None:
    tell_evaluation(log, "val", [0.5, 1.5], [1e308, -1e308], metrics={"loss": float("nan")})
    event, metrics = lines()
    assert event["rmse"] == metrics["val/rmse"] == "Infinity"
    assert event["metrics"] == {"loss": "NaN"}


def test_what_cannot_be_evaluated_is_told_and_the_own_metrics_are_kept(
    log: Writer, lines: Lines, stderr: io.StringIO
) -> None:
    for _ in range(2):
        tell_evaluation(log, "val", [0, 1], [0.1, 0.9, 0.5], step=1, metrics={"f1": 0.5})
    assert [line["val/f1"] for line in lines()] == [0.5, 0.5]
    assert stderr.getvalue() == (
        "trainmon: an evaluation of val is left out: "
        "targets of shape (2,) and scores of shape (3,) do not go together\n"
    )


def test_strange_labels_are_told_once(log: Writer, stderr: io.StringIO) -> None:
    for strays in (1, 2):
        tell_evaluation(log, "val", [0, 1] + [2] * strays, np.linspace(0, 1, 2 + strays))
    assert stderr.getvalue() == (
        "trainmon: evaluation of val: "
        "1 of 3 labels are out of range for 2 classes and left out: 2\n"
    )


def test_inputs_and_outputs_are_events(log: Writer, lines: Lines) -> None:
    log.log({"train/loss": 1.0}, step=3)
    tell_inputs(log, torch.zeros(4, 2), torch.zeros(4), names=["time", "charge"])
    tell_outputs(log, torch.zeros(4, 2), torch.zeros(4), step=4, epoch=1)
    _, given, answered = lines()
    assert (given["event"], given["step"], list(given["features"])) == (
        "inputs",
        3,
        ["time", "charge"],
    )
    assert (answered["event"], answered["step"], answered["identical"]) == ("outputs", 4, 1.0)


def test_odd_inputs_and_outputs_are_told_and_left_out(
    log: Writer, lines: Lines, stderr: io.StringIO
) -> None:
    tell_inputs(log, ["a.png"])
    tell_outputs(log, "0.5")
    assert lines() == []
    assert stderr.getvalue() == (
        "trainmon: inputs are left out: inputs are text, not numbers\n"
        "trainmon: outputs are left out: logits are of type str, not numbers\n"
    )


def test_random_states_are_left_alone(log: Writer) -> None:
    numpy_state, torch_state = repr(np.random.get_state()), torch.get_rng_state()  # noqa: NPY002 - the global one is what others use
    tell_evaluation(log, "val", torch.arange(10) % 3, torch.zeros(10, 3))
    tell_inputs(log, torch.zeros(4, 2))
    tell_outputs(log, torch.zeros(4, 2))
    assert repr(np.random.get_state()) == numpy_state  # noqa: NPY002 - as above
    assert torch.equal(torch.get_rng_state(), torch_state)
