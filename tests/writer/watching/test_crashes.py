"""What an exception tells, raised by a script before anything that is not finite was logged."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from trainmon import Writer

Read = Callable[[], list[dict[str, Any]]]

HUGE = torch.tensor([[5714.0, 3.0, 0.0, 1e30]])
"""Inputs that nobody has normalised."""


def crash(log: Writer, model: nn.Module, batch: torch.Tensor, error: Exception) -> None:
    """Train on a batch up to an `error`, which leaves the ``with`` block."""
    with contextlib.suppress(type(error)), log:
        log.watch(model, torch.optim.SGD(model.parameters(), lr=0.1))
        for _ in log.batches([batch]):
            model(batch)
            raise error


def test_weights_that_are_ruined_are_told(log: Writer, model: nn.Sequential, events: Read) -> None:
    with torch.no_grad():
        model.get_parameter("2.weight")[0, 0] = float("inf")
    crash(log, model, torch.ones(1, 4), ValueError("Non-finite values in predicted vectors"))
    (event,) = events()
    assert (event["where"], event["parameter"]) == ("parameter", "2.weight")


def test_a_batch_that_is_not_finite_is_told(
    log: Writer, model: nn.Sequential, events: Read
) -> None:
    crash(log, model, torch.tensor([[1.0, float("nan"), 0.0, 0.0]]), KeyError("target"))
    (event,) = events()
    assert event["where"] == "batch"
    assert next(iter(event["batch"]["ranges"].values()))["nan"] == 1


@pytest.mark.parametrize(
    "message", ["Non-finite values in predicted vectors", "loss is nan!", "got inf in logits"]
)
def test_an_error_that_speaks_of_it_has_the_batch_told(
    log: Writer, model: nn.Sequential, events: Read, message: str
) -> None:
    crash(log, model, HUGE, ValueError(message))
    (event,) = events()
    assert event["where"] == "exception"
    assert next(iter(event["batch"]["ranges"].values()))["max"] == pytest.approx(1e30)


@pytest.mark.parametrize("message", ["no more information", "the finite automaton is inferior"])
def test_any_other_error_says_nothing_of_it(
    log: Writer, model: nn.Sequential, events: Read, message: str
) -> None:
    crash(log, model, HUGE, ValueError(message))
    assert events() == []
