"""``on_nonfinite="raise"``: the next call of log() raises, whichever way the loss came."""

from pathlib import Path

import pytest

from tests.writer.fake_device import Device
from trainmon import Writer
from trainmon.errors import NonFiniteLossError

NAN = float("nan")


@pytest.fixture
def device() -> Device:
    return Device(arrived=True)


@pytest.fixture
def log(folder: Path, device: Device) -> Writer:
    return Writer(folder, devices=device, on_nonfinite="raise")


def test_a_loss_that_arrives_later_raises_though_the_next_lines_are_plain(
    log: Writer, device: Device
) -> None:
    log.log({"train/loss": device.scalar(NAN)}, step=1)
    log.settle()
    with pytest.raises(NonFiniteLossError, match="train/loss"):
        log.log({"lr": 0.1}, step=2)
    log.log({"lr": 0.1}, step=3)
    assert log.dropped == 0


def test_a_loss_beside_others_raises_with_the_next_line_and_is_not_lost(log: Writer) -> None:
    for _ in range(2):
        log.beside({"train/loss": NAN})
    with pytest.raises(NonFiniteLossError):
        log.log({"lr": 0.1}, step=1)
    assert log.dropped == 0


def test_finishing_does_not_raise(log: Writer) -> None:
    log.beside({"train/loss": NAN})
    log.finish()
    assert log.dropped == 0
