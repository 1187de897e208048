"""A run as the view tells it."""

import pytest

from trainmon.liveness import Process
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of


def _run(*headers: Record, process: Process = Process.ALIVE) -> Run:
    run = Run("run", "run", "logs/run", [])
    run.process = process
    for rank, header in enumerate(headers):
        run.take(rank, batch_of([{"trainmon": 1, **header}]))
    run.judge()
    return run


@pytest.mark.parametrize(
    ("headers", "pids"),
    [
        ([{"host": "a", "pid": 5}, {"host": "a", "pid": 6}, {"host": "b", "pid": 7}], (5, 6)),
        ([{"host": "a", "pid": 5}, {"host": "a"}, {"host": "a", "pid": "x"}], (5,)),
    ],
)
def test_its_processes_are_those_of_its_ranks_on_the_host_of_the_lead(
    headers: list[Record], pids: tuple[int, ...]
) -> None:
    assert _run(*headers).view(live=True).pids == pids


@pytest.mark.parametrize("process", [Process.GONE, Process.UNKNOWN])
def test_a_run_that_is_not_here_has_no_processes(process: Process) -> None:
    assert _run({"host": "a", "pid": 5}, process=process).view(live=True).pids == ()
