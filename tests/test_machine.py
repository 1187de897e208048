"""The parts of a machine as one, and what of it belongs to which run."""

from collections.abc import Callable

import pytest

from trainmon.machine import MachineProbe
from trainmon.probes.aside import Aside
from trainmon.probes.sample import GpuProcess, Sample
from trainmon.probes.visible import Card

CARDS = (Card("gpu0", "GPU-a"), Card("gpu1", "GPU-b"))
RUN, WORKER, STRANGER = 100, 101, 7


class Reads:
    """A probe that always reads the same."""

    asking = ""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample

    def read(self) -> Sample:
        return self._sample


def at_once(work: Callable[[], None]) -> None:
    work()


def never(work: Callable[[], None]) -> None:
    del work


def part(what: str, sample: Sample, start: Callable[[Callable[[], None]], None] = at_once) -> Aside:
    return Aside(what, Reads(sample), start=start, clock=iter(range(100)).__next__)


def probe_of(*parts: Aside) -> MachineProbe:
    return MachineProbe(parts, patience=0.0, clock=lambda: 5.0)


GPU = Sample(
    {"gpu0/util": 0.9},
    {"gpu0": "NVIDIA\x1b[2J"},
    processes=(
        GpuProcess("gpu1", WORKER, 2e9, "python"),
        GpuProcess("gpu0", STRANGER, 1e9, "miner"),
    ),
    cards=CARDS,
)
HOST = Sample({"cpu": 0.5}, trees={RUN: frozenset({RUN, WORKER})})


def test_a_machine_is_its_parts_together_with_what_each_took() -> None:
    machine = probe_of(part("GPU", GPU), part("host", HOST)).sample()
    assert machine.readings == {"gpu0/util": 0.9, "cpu": 0.5}
    assert machine.seconds == {"GPU": 1, "host": 1}
    assert machine.time == 5.0


def test_a_part_that_hangs_is_told_and_the_others_go_on() -> None:
    probe = probe_of(part("GPU", GPU, never), part("host", HOST))
    for _ in range(5):
        machine = probe.sample()
    assert machine.readings == {"cpu": 0.5}
    assert machine.notes == ("GPU probe hangs since 5 s",)
    assert machine.seconds == {"host": 1}


def test_who_holds_memory_is_named_and_matched_to_the_run_by_its_descendants() -> None:
    machine = probe_of(part("GPU", GPU), part("host", HOST)).sample([RUN])
    assert machine.processes == (
        GpuProcess("gpu1", WORKER, 2e9, "python", RUN),
        GpuProcess("gpu0", STRANGER, 1e9, "miner"),
    )
    assert machine.gpus_of == {RUN: ("gpu1",)}


def test_what_drivers_say_is_harmless_to_a_terminal() -> None:
    processes = (GpuProcess("gpu0", STRANGER, None, "\x1b]0;miner"),)
    sample = Sample(names={"gpu0": "NVIDIA\x1b[2J"}, notes=("a\x07b",), processes=processes)
    machine = probe_of(part("GPU", sample)).sample()
    assert (machine.names["gpu0"], machine.notes) == ("NVIDIA�[2J", ("a�b",))
    assert machine.processes[0].name == "�]0;miner"


@pytest.mark.parametrize(
    ("choices", "gpus"),
    [
        ({RUN: "1"}, ("gpu1",)),
        ({RUN: None}, ("gpu0", "gpu1")),
        ({}, ()),
    ],
)
def test_a_run_whose_memory_is_not_told_has_the_cards_that_it_may_use(
    choices: dict[int, str | None], gpus: tuple[str, ...]
) -> None:
    probe = probe_of(part("GPU", Sample(cards=CARDS)), part("host", Sample(choices=choices)))
    assert probe.sample([RUN]).gpus_of == {RUN: gpus}


def test_the_real_machine_is_the_host_and_its_cards_or_why_there_are_none() -> None:
    machine = MachineProbe(patience=20.0).sample()
    assert machine.readings["mem_total"] > 0
    assert machine.time > 0
    assert not ("gpu0/mem_total" in machine.readings and "no NVIDIA GPU" in machine.notes)
