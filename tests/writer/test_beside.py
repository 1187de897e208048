"""What waits beside the next line is told once, though threads add to it meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trainmon import Writer
from trainmon.writer.beside import Beside


def test_what_one_thread_adds_while_another_takes_is_taken_once() -> None:
    beside, taken = Beside(), dict[str, object]()

    def add() -> None:
        for number in range(20_000):
            beside.add({str(number): number})

    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add)
        while not adding.done():
            more = beside.take()
            assert taken.keys().isdisjoint(more)
            taken |= more
    taken |= beside.take()
    assert len(taken) == 20_000


def test_what_is_no_mapping_does_not_reach_the_training(folder: Path) -> None:
    with Writer(folder) as log:
        log.beside(0.5)  # type: ignore[arg-type]  # that is the point
        log.log({"loss": 0.5}, step=1)
    assert log.dropped == 0
