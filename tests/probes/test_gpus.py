"""The make of the cards that are here, and who holds them by name."""

import pytest

from trainmon.probes.gpus import Gpus
from trainmon.probes.nvml import NO_DRIVER
from trainmon.probes.sample import GpuProcess, Sample
from trainmon.probes.visible import Card


class Reads:
    """A probe that always reads the same."""

    def __init__(self, sample: Sample, asking: str = "") -> None:
        self.asking = asking
        self._sample = sample

    def read(self) -> Sample:
        return self._sample


CARD = Sample({"gpu0/util": 0.5}, cards=(Card("gpu0"),))


def test_the_first_make_that_has_cards_is_read() -> None:
    gpus = Gpus((Reads(CARD), Reads(Sample({"gpu0/util": 0.1}, cards=(Card("gpu0"),)))))
    assert gpus.read() == CARD


@pytest.mark.parametrize(("note", "told"), [(NO_DRIVER, ()), ("trouble", ("trouble",))])
def test_that_another_make_is_not_there_is_said_only_where_it_is_in_trouble(
    note: str, told: tuple[str, ...]
) -> None:
    gpus = Gpus((Reads(Sample(notes=(note,)), "to begin"), Reads(CARD)))
    assert gpus.asking == "to begin"
    assert gpus.read().notes == told


def test_without_any_card_it_is_said_why() -> None:
    gpus = Gpus((Reads(Sample(notes=(NO_DRIVER,))), Reads(Sample())))
    assert gpus.read() == Sample(notes=(NO_DRIVER,))


def test_who_holds_memory_is_named_and_looked_up_once() -> None:
    asked: list[int] = []

    def name(pid: int) -> str:
        asked.append(pid)
        return f"process {pid}"

    processes = (GpuProcess("gpu0", 7, 1.0), GpuProcess("gpu0", 8, 1.0, "python"))
    gpus = Gpus((Reads(Sample(processes=processes, cards=(Card("gpu0"),))),), name)
    for _ in range(3):
        named = gpus.read().processes
    assert [each.name for each in named] == ["process 7", "python"]
    assert asked == [7]
    assert gpus.asking == "the names of processes"
