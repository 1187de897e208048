"""A watch and mixed precision: scales, skipped steps, and overflows that are routine."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from trainmon import Writer
from trainmon.writer.watching import Watch

Lines = list[dict[str, Any]]
Read = Callable[[], Lines]
Batches = Callable[[int], list[Tensor]]
Step = Callable[..., None]


@pytest.fixture
def scaler() -> torch.amp.GradScaler:
    return torch.amp.GradScaler("cpu", init_scale=1024.0)


@pytest.fixture
def step(log: Writer, model: nn.Sequential, scaler: torch.amp.GradScaler) -> Step:
    """Return a function that makes one scaled step, whose gradients may overflow."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, scaler=scaler)

    def make(factor: float = 1.0) -> None:
        optimizer.zero_grad()
        loss = model(torch.ones(1, 4)).sum()
        scaler.scale(loss * factor).backward()
        scaler.step(optimizer)
        scaler.update()
        log.log({"train/loss": loss}, step=int(log.step or 0) + 1)

    return make


def test_the_gradient_norm_is_that_of_the_loss_itself(
    step: Step, model: nn.Sequential, lines: Read
) -> None:
    step()
    own = torch.cat([parameter.grad.reshape(-1) for parameter in model.parameters()]).norm()  # type: ignore[union-attr]  # they have one
    assert lines()[0]["grad_norm"] == pytest.approx(float(own), rel=1e-6)
    assert (lines()[0]["amp/scale"], lines()[0]["amp/skipped"]) == (1024.0, 0.0)


def test_skipped_steps_are_counted_and_are_no_event(step: Step, lines: Read, events: Read) -> None:
    for factor in (1.0, torch.inf, torch.inf, 1.0):
        step(factor)
    scales = [(line["amp/scale"], line["amp/skipped"]) for line in lines()]
    assert scales == [(1024.0, 0.0), (1024.0, 0.0), (512.0, 1.0), (256.0, 2.0)]
    assert ["grad_norm" in line for line in lines()] == [True, False, False, True]
    assert events() == []


def test_more_than_ten_overflows_in_a_row_are_an_event(step: Step, events: Read) -> None:
    for _ in range(10):
        step(torch.inf)
    assert events() == []
    step(torch.inf)
    step()
    assert [(event["where"], event["step"]) for event in events()] == [("gradient", 11)]


def test_a_loss_that_is_not_finite_is_one_though_the_step_is_skipped(
    log: Writer, step: Step, events: Read
) -> None:
    step(torch.inf)
    log.log({"train/loss": torch.nan}, step=2)
    assert [event["where"] for event in events()] == ["loss"]
    assert events()[0]["parameters_affected"] == 4


def test_a_scaler_that_is_off_tells_nothing(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, scaler=scaler)
    scaler.scale(model(*batches(1)).sum()).backward()
    scaler.step(optimizer)
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] > 0
    assert "amp/scale" not in lines()[0]
