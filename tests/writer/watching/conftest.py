"""A small model, a run to log to, and a loop that trains one on the other."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from trainmon import Writer

Lines = list[dict[str, Any]]
Train = Callable[..., None]


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, stderr: io.StringIO) -> Writer:
    return Writer(folder, clock=lambda: 1.0, stderr=stderr)


@pytest.fixture
def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


@pytest.fixture
def lines(folder: Path, read: Callable[[Path], Lines]) -> Callable[[], Lines]:
    """Return a function that gives the metrics lines so far."""
    return lambda: [
        line for line in read(folder / "rank0.jsonl") if not line.keys() & {"trainmon", "event"}
    ]


@pytest.fixture
def events(folder: Path, read: Callable[[Path], Lines]) -> Callable[[], Lines]:
    """Return a function that gives the ``nonfinite`` events so far."""
    return lambda: [
        line for line in read(folder / "rank0.jsonl") if line.get("event") == "nonfinite"
    ]


@pytest.fixture
def train(log: Writer) -> Train:
    """Return a function that trains on some batches, one step each, and logs the loss of each."""

    def run(model: nn.Module, optimizer: torch.optim.Optimizer, batches: list[Tensor]) -> None:
        start = int(log.step or 0) + 1
        for step, batch in enumerate(batches, start):
            optimizer.zero_grad()
            loss = model(batch).square().mean()
            loss.backward()
            optimizer.step()
            log.log({"train/loss": loss}, step=step)

    return run


@pytest.fixture
def batches() -> Callable[[int], list[Tensor]]:
    """Return a function that makes some batches of five samples with four features."""

    def make(count: int) -> list[Tensor]:
        generator = torch.Generator().manual_seed(1)
        return [torch.randn(5, 4, generator=generator) for _ in range(count)]

    return make
