"""Values of real tensors on their way to the host: on the CPU, with streams that are made up."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from trainmon.writer.scalar import NotOneNumberError
from trainmon.writer.torch_transfer import TorchTransfer

CPU = torch.device("cpu")


class Gpu:
    """What ``torch.cuda`` is to a transfer; `told` is what it was asked to do, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.now = "training"
        self.capturing = False

    def current_stream(self, _device: object) -> str:
        return self.now

    def is_current_stream_capturing(self) -> bool:
        return self.capturing

    def Stream(self, _device: object) -> "OwnStream":  # noqa: N802 - torch's name for it
        return OwnStream(self.told)

    @contextmanager
    def stream(self, stream: object) -> Iterator[None]:
        self.told.append(f"on {stream}")
        yield

    def Event(self) -> "Event":  # noqa: N802 - as above
        return Event(self.told)


class OwnStream:
    def __init__(self, told: list[str]) -> None:
        self.told = told

    def __repr__(self) -> str:
        return "own stream"

    def wait_stream(self, other: str) -> None:
        self.told.append(f"own stream waits for {other}")


class Event:
    def __init__(self, told: list[str]) -> None:
        self.told = told

    def record(self, stream: object) -> None:
        self.told.append(f"record on {stream}")

    def query(self) -> bool:
        return True

    def synchronize(self) -> None:
        self.told.append("wait")


def test_values_are_those_of_the_moment_they_were_added() -> None:
    transfer = TorchTransfer(CPU)
    loss = torch.ones((), requires_grad=True) * 2
    values = (torch.tensor(1.5, dtype=torch.bfloat16), loss, torch.arange(3), torch.tensor(2**40))
    places = [transfer.add(value) for value in values]
    values[0].zero_()
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
    transfer.send()
    assert transfer.ready()
    assert places == [0, 1, 2, 5]
    assert transfer.values() == [1.5, 2.0, 0.0, 1.0, 2.0, 2.0**40]


def test_the_training_stream_is_the_one_that_copies() -> None:
    gpu = Gpu()
    transfer = TorchTransfer(CPU, gpu)
    transfer.add(torch.ones(()))
    transfer.send()
    assert transfer.ready()
    assert gpu.told == ["on training", "record on training"]


def test_no_stream_of_the_training_waits_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda *_: None)
    gpu = Gpu()
    transfer = TorchTransfer(CPU, gpu)
    for gpu.now in ("training", "evaluation"):
        transfer.add(torch.ones(()))
    transfer.send()
    assert transfer.values() == [1.0, 1.0]
    assert gpu.told == [
        "on own stream",
        "own stream waits for training",
        "own stream waits for evaluation",
        "record on own stream",
        "wait",
    ]


def test_a_cuda_graph_under_capture_is_not_added_to() -> None:
    gpu = Gpu()
    gpu.capturing = True
    with pytest.raises(NotOneNumberError, match="part of a CUDA graph"):
        TorchTransfer(CPU, gpu).add(torch.ones(()))


def test_a_complex_number_is_not_cut_to_its_real_part() -> None:
    with pytest.raises(NotOneNumberError, match="is complex"):
        TorchTransfer(CPU).add(torch.tensor(1 + 2j))
