"""Early stopping by values that are still on a device when the loop asks."""

from math import prod
from pathlib import Path

from trainmon import Writer
from trainmon.writer.stopping import EarlyStopping
from trainmon.writer.stopping.terms import Terms


class SlowDevice:
    type = "slow"


class OnDevice:
    """A number on a slow device."""

    shape = ()
    device = SlowDevice()

    def __init__(self, number: float) -> None:
        self.number = number


class SlowTransfer:
    """A transfer that never arrives by itself, but does when it is waited for."""

    def __init__(self, _device: object) -> None:
        self.numbers: list[float] = []

    def add(self, tensor: OnDevice) -> int:
        self.numbers += [tensor.number] * prod(tensor.shape)
        return len(self.numbers) - 1

    def send(self) -> None:
        """Nothing moves."""

    def ready(self) -> bool:
        return False

    def values(self) -> list[float]:
        return self.numbers


def test_the_loop_is_told_about_the_evaluation_it_has_just_logged(folder: Path) -> None:
    with Writer(folder, devices=SlowTransfer) as log:
        stop = EarlyStopping(log, Terms("val/f1", "max"))
        improved = []
        for step, f1 in enumerate([0.3, 0.5, 0.4]):
            log.log({"val/f1": OnDevice(f1)}, step=step)
            improved.append(stop.improved)
        assert improved == [True, True, False]
        assert (stop.best, stop.best_step) == (0.5, 1)
