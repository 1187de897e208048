"""What a process tells of its machine: its own share of it, and what never changes once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from trainmon.probes.aside import Aside
from trainmon.probes.sample import GpuProcess, Sample
from trainmon.probes.visible import Card
from trainmon.writer.sampling.own_cards import OwnCards
from trainmon.writer.sampling.own_machine import OwnMachine
from trainmon.writer.sampling.place import Place, place_of

PID, WORKER, STRANGER = 100, 101, 7
CARDS = tuple(Card(f"gpu{index}", f"GPU-{index}") for index in range(4))


@dataclass
class Torch:
    """The part of ``torch.cuda`` that tells which cards it has memory of."""

    begun: bool = True
    reserved: Mapping[int, int] = field(default_factory=dict)

    def is_initialized(self) -> bool:
        return self.begun

    def memory_reserved(self, index: int) -> int:
        return self.reserved.get(index, 0)


def cards(
    place: Place = Place(),  # noqa: B008 - it is immutable
    torch: Torch | None = None,
    loaded: Collection[str] = (),
    **environ: str,
) -> OwnCards:
    return OwnCards(place, environ, lambda: torch, loaded)


HELD = Sample(cards=CARDS, processes=(GpuProcess("gpu2", WORKER, 1e9), GpuProcess("gpu0", 7, 1e9)))
UNKNOWN = Sample(cards=CARDS, processes=(GpuProcess("gpu2", 90_001, 1e9),))


def test_the_cards_on_which_a_process_or_a_worker_holds_memory_are_its_own() -> None:
    assert cards().among(HELD, {PID, WORKER}) == ("gpu2",)


def test_a_stray_context_on_the_first_card_is_no_use_of_it() -> None:
    both = Sample(cards=CARDS, processes=(GpuProcess("gpu0", PID, 1e8), GpuProcess("gpu3", PID, 1)))
    assert cards(torch=Torch(reserved={3: 9})).among(both, {PID}) == ("gpu3",)


def test_torch_numbers_the_cards_that_it_may_see() -> None:
    own = cards(torch=Torch(reserved={1: 9}), CUDA_VISIBLE_DEVICES="3,2")
    assert own.among(UNKNOWN, {PID}) == ("gpu2",)


def test_a_process_that_uses_no_card_has_none() -> None:
    assert cards(torch=Torch(begun=False)).among(UNKNOWN, {PID}) == ()
    assert cards(loaded={"numpy"}).among(UNKNOWN, {PID}) == ()


def test_where_the_driver_knows_processes_by_other_numbers_the_place_on_the_node_tells() -> None:
    place = Place(local_rank=1, ranks_here=2)
    assert cards(place, Torch()).among(UNKNOWN, {PID}) == ("gpu1",)
    assert cards(place, loaded={"jax"}, CUDA_VISIBLE_DEVICES="2,3").among(UNKNOWN, {PID}) == (
        "gpu3",
    )
    assert cards(loaded={"jax"}, CUDA_VISIBLE_DEVICES="2").among(UNKNOWN, {PID}) == ("gpu2",)


@pytest.mark.parametrize(
    ("environ", "rank", "size", "place"),
    [
        ({}, 0, 1, Place(0, 1)),
        ({}, 3, 8, Place(3, 8)),
        ({}, 3, None, Place(3, 4)),
        ({"LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "4"}, 4, 8, Place(0, 4)),
        ({"SLURM_LOCALID": "2"}, 6, 8, Place(2, 3)),
        ({"LOCAL_RANK": "x"}, 1, 2, Place(1, 2)),
    ],
)
def test_the_first_rank_of_each_node_is_told_by_its_launcher(
    environ: dict[str, str], rank: int, size: int | None, place: Place
) -> None:
    assert place_of(environ, rank, size) == place


class Reads:
    """A probe that reads one sample after the other, and the last one for good."""

    asking = ""

    def __init__(self, *samples: Sample) -> None:
        self._samples = list(samples)

    def read(self) -> Sample:
        return self._samples.pop(0) if len(self._samples) > 1 else self._samples[0]


GPU = Sample(
    {
        "gpu0/util": 0.9,
        "gpu2/util": 0.512345,
        "gpu2/mem_total": 8e10,
        "gpu2/ecc_corrected": 0.0,
        "gpu2/throttle/hw_thermal": 1.0,
    },
    cards=CARDS,
    processes=HELD.processes,
)
HOST = Sample(
    {
        "cpu": 0.5,
        "load": 3.0,
        "mem_total": 64e9,
        f"run{PID}/rss": 5e9,
        f"run{PID}/cores": 1.25,
    },
    trees={PID: frozenset({PID, WORKER})},
)


def machine(
    place: Place = Place(),  # noqa: B008 - it is immutable
    start: Callable[[Callable[[], None]], None] = lambda work: work(),
    read_only: Callable[[frozenset[str]], None] = lambda _: None,
    **options: Any,  # noqa: ANN401 - of the machine's own
) -> OwnMachine:
    seconds = iter(range(1_000))
    gpus = Aside("GPU", Reads(GPU), start=start, clock=lambda: float(next(seconds)))
    return OwnMachine(
        place, cards=cards(), gpus=gpus, host=Reads(HOST), pid=PID, read_only=read_only, **options
    )


def test_a_process_tells_itself_its_own_cards_and_the_host() -> None:
    assert machine().sample() == {
        "sys/gpu2/util": 0.512,
        "sys/gpu2/mem_total": 80_000_000_000,
        "sys/gpu2/throttle/hw_thermal": 1.0,
        "sys/cpu": 0.5,
        "sys/mem_total": 64_000_000_000,
        "sys/rss": 5_000_000_000,
        "sys/process/cores": 1.25,
    }


def test_the_host_is_told_by_the_first_rank_of_a_node_alone() -> None:
    told = machine(Place(local_rank=1, ranks_here=2)).sample()
    assert "sys/cpu" not in told
    assert {"sys/rss", "sys/gpu2/util", "sys/mem_total"} <= told.keys()


def test_what_hardly_ever_changes_is_told_once() -> None:
    own = machine()
    own.sample()
    assert own.sample().keys() == {
        *("sys/gpu2/util", "sys/gpu2/throttle/hw_thermal"),
        *("sys/cpu", "sys/rss", "sys/process/cores"),
    }


def test_once_its_cards_are_known_these_alone_are_read_and_all_now_and_then() -> None:
    asked: list[frozenset[str]] = []
    own = machine(read_only=asked.append)
    for _ in range(33):
        own.sample()
    assert asked == [frozenset(), frozenset({"gpu2"})] * 2


def test_a_driver_that_hangs_is_told_and_the_host_goes_on() -> None:
    own = machine(start=lambda _: None)
    told = [own.sample() for _ in range(5)]
    assert own.trouble.startswith("GPU probe hangs since ")
    assert all(sample["sys/cpu"] == 0.5 for sample in told)
