"""How a rank other than the first is told to have crashed, by its log or by its process."""

from collections.abc import Mapping, Sequence
from itertools import count, repeat
from pathlib import Path
from typing import Any

import orjson

from trainmon.incidents import Incident
from trainmon.liveness import Process
from trainmon.monitor import Monitor
from trainmon.rules import load
from trainmon.store.batch import Record
from trainmon.view import Status

NOW = 2e9
RULES = [load("crashed"), load("rank-desync")]

REFUSED: Record = {"event": "exception", "type": "RuntimeError", "message": "gloo: reset by peer"}
NO_MEMORY: Record = {"event": "exception", "type": "OutOfMemoryError", "message": "out of memory"}


class Host:
    """A machine on which processes live until a test ends them."""

    def __init__(self) -> None:
        self.gone: set[int] = set()
        self.asked: list[int] = []

    def process_of(self, header: Mapping[str, Any]) -> Process:
        self.asked.append(header["rank"])
        return Process.GONE if header["rank"] in self.gone else Process.ALIVE


def _write(folder: Path, rank: int, records: Sequence[Record]) -> None:
    with (folder / f"rank{rank}.jsonl").open("ab") as file:
        file.write(b"".join(orjson.dumps(record) + b"\n" for record in records))


def _log(folder: Path, rank: int, steps: int = 50, *end: Record) -> None:
    header: Record = {
        "trainmon": 1,
        "time": NOW - 100,
        "rank": rank,
        "world_size": 4,
        "host": "node-7",
    }
    told: list[Record] = [
        {"step": step, "time": NOW - 100 + step, "train/loss": 1.0 / (step + 1)}
        for step in range(steps)
    ]
    _write(folder, rank, [header, *told, *end])


def _checked(folder: Path) -> tuple[Status, list[Incident]]:
    (run,) = Monitor([folder], rules=RULES, strict=True).read_all(NOW).runs
    return run.status, list(run.findings)


def test_the_rank_that_ran_out_of_memory_is_told_and_not_those_that_met_with_that(
    tmp_path: Path,
) -> None:
    for rank in range(4):
        _log(tmp_path, rank, 50, NO_MEMORY if rank == 2 else REFUSED)
    status, (finding,) = _checked(tmp_path)
    assert (finding.rule, finding.rank, finding.evidence["speaks_of"]) == ("crashed", 2, "memory")
    assert finding.title == "OutOfMemoryError ended rank 2 (node-7): out of memory"
    assert status is Status.CRASHED


def test_where_all_met_with_a_failed_exchange_the_first_speaks_for_all(tmp_path: Path) -> None:
    for rank in range(4):
        _log(tmp_path, rank, 50, REFUSED)
    status, (finding,) = _checked(tmp_path)
    assert (finding.rule, finding.rank, status) == ("crashed", 0, Status.CRASHED)
    assert finding.title.startswith("RuntimeError ended the run")


def test_how_ranks_ended_is_told_where_all_was_read_before_there_were_rules(
    tmp_path: Path,
) -> None:
    for rank in range(4):
        _log(tmp_path, rank, 50, *([] if rank == 2 else [REFUSED]))
    at_once = repeat(0.0).__next__
    monitor = Monitor([tmp_path], live=True, rules_later=True, strict=True, timer=at_once)
    assert monitor.step(NOW)
    assert (monitor.view.reading, monitor.view.runs[0].records) == (None, 200)
    monitor.step(NOW)
    told = {finding.rule: finding.rank for finding in monitor.view.runs[0].findings}
    assert told == {"crashed": 0, "rank-desync": 2}


def test_the_first_view_of_all_that_was_read_tells_how_ranks_ended(tmp_path: Path) -> None:
    for rank in range(4):
        _log(tmp_path, rank, 50, *([] if rank == 2 else [REFUSED]))
    slow = count().__next__  # a second passes with each look at it: a step reads little
    monitor = Monitor([tmp_path], rules=RULES, live=True, strict=True, timer=slow)
    steps = 1
    while monitor.step(NOW):
        steps += 1
    assert steps > 1
    assert {finding.rule for finding in monitor.view.runs[0].findings} == {"crashed", "rank-desync"}


def test_a_rank_whose_process_is_gone_is_told_while_the_others_wait_for_it(tmp_path: Path) -> None:
    host = Host()
    monitor = Monitor([tmp_path], rules=RULES, process=host.process_of, live=True, strict=True)
    for rank in range(4):
        _log(tmp_path, rank)
    monitor.step(NOW)
    assert not monitor.view.runs[0].findings
    host.gone.add(2)
    monitor.step(NOW + 2)
    (finding,) = monitor.view.runs[0].findings
    assert (finding.rule, finding.rank, finding.live, finding.step) == ("crashed", 2, True, 49)
    assert "the process of rank 2 (node-7) is gone" in finding.title
    host.gone |= {0, 1, 3}  # the launcher ends the others
    monitor.step(NOW + 4)
    gone = {finding.rank for finding in monitor.view.runs[0].findings if not finding.cleared}
    assert gone == {0, 2}


def test_ranks_that_end_with_the_first_are_not_told_one_by_one(tmp_path: Path) -> None:
    host = Host()
    monitor = Monitor([tmp_path], rules=RULES, process=host.process_of, live=True, strict=True)
    finish: Record = {"event": "finish", "status": "finished", "time": NOW - 50}
    for rank in range(4):
        _log(tmp_path, rank, 50, *([] if rank else [finish]))
    host.gone |= {0, 1, 2, 3}
    monitor.step(NOW)
    monitor.step(NOW + 2)
    (run,) = monitor.view.runs
    assert (run.status, run.findings) == (Status.FINISHED, ())


def test_ranks_that_tell_their_steps_are_not_asked_for(tmp_path: Path) -> None:
    host = Host()
    monitor = Monitor([tmp_path], rules=RULES, process=host.process_of, live=True, strict=True)
    for rank in range(4):
        _log(tmp_path, rank, 98)
    monitor.step(NOW)
    assert set(host.asked) == {0}


def test_a_rank_that_is_started_again_is_well_again(tmp_path: Path) -> None:
    host = Host()
    monitor = Monitor([tmp_path], rules=RULES, process=host.process_of, live=True, strict=True)
    for rank in range(4):
        _log(tmp_path, rank)
    host.gone.add(2)
    monitor.step(NOW)
    assert monitor.view.runs[0].worst is not None
    host.gone.clear()
    _write(tmp_path, 2, [{"step": 50, "time": NOW + 1, "train/loss": 0.01}])
    monitor.step(NOW + 2)
    assert monitor.view.runs[0].worst is None


def test_of_more_silent_ranks_than_one_look_asks_for_all_have_their_turn(tmp_path: Path) -> None:
    host = Host()
    monitor = Monitor([tmp_path], rules=RULES, process=host.process_of, live=True, strict=True)
    for rank in range(100):
        _log(tmp_path, rank, 3)
    host.gone |= {*range(1, 100)} - {40}
    while monitor.step(NOW):
        pass
    for second in range(1, 6):
        monitor.step(NOW + second)
    gone = {finding.rank for finding in monitor.view.runs[0].findings}
    assert gone == host.gone
