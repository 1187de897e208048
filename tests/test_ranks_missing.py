"""Ranks that are not there: never seen, ended early, or only read late and on another clock."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
import pytest

from trainmon.incidents import Incident
from trainmon.monitor import CLOSING_SECONDS, Monitor
from trainmon.rules import load
from trainmon.store.batch import Record

NOW = 2e9
ACROSS = ("straggler-rank", "rank-desync")
RULES = [load(name) for name in ACROSS]

Logs = Mapping[int, Sequence[Record]]

REFUSED: Record = {
    "event": "exception",
    "type": "RuntimeError",
    "message": "[gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:5000",
}
NO_MEMORY: Record = {"event": "exception", "type": "OutOfMemoryError", "message": "out of memory"}


def _header(rank: int, ranks: int = 4) -> Record:
    return {
        "trainmon": 1,
        "time": 1e9,
        "rank": rank,
        "world_size": ranks,
        "host": f"node-{rank // 2}",
    }


def _steps(count: int, *, first: int = 0, clock: float = 0.0, work: float = 0.1) -> list[Record]:
    """Return some steps of a rank, five a second."""
    return [
        {
            "step": step,
            "time": 1e9 + clock + 0.2 * step,
            "train/loss": 1.0 / (step + 1),
            "work_time": work,
        }
        for step in range(first, first + count)
    ]


def _log(rank: int, steps: int = 300, *end: Record, ranks: int = 4) -> list[Record]:
    return [_header(rank, ranks), *_steps(steps), *end]


def _append(folder: Path, rank: int, records: Sequence[Record]) -> None:
    with (folder / f"rank{rank}.jsonl").open("ab") as file:
        file.write(b"".join(orjson.dumps(record) + b"\n" for record in records))


def _found(monitor: Monitor) -> list[Incident]:
    (run,) = monitor.view.runs
    return [finding for finding in run.findings if not finding.cleared]


def _checked(folder: Path, logs: Logs) -> list[Incident]:
    for rank, records in logs.items():
        _append(folder, rank, records)
    monitor = Monitor([folder], rules=RULES, strict=True)
    monitor.read_all(NOW)
    return _found(monitor)


def _live(folder: Path) -> Monitor:
    return Monitor([folder], rules=RULES, live=True, strict=True)


def _read(monitor: Monitor, now: float) -> list[Incident]:
    while monitor.step(now):
        pass
    return _found(monitor)


def test_a_rank_that_never_logs_is_missing(tmp_path: Path) -> None:
    (finding,) = _checked(tmp_path, {rank: _log(rank) for rank in (0, 1, 3)})
    assert (finding.rule, finding.rank, finding.severity.word) == ("rank-desync", 2, "warning")
    assert "rank 2 of 4 has told nothing at all" in finding.title


def test_a_rank_that_tells_its_header_alone_is_missing_where_the_others_log(tmp_path: Path) -> None:
    logs = {rank: _log(rank) for rank in range(3)}
    (finding,) = _checked(tmp_path, {**logs, 3: [_header(3)]})
    assert (finding.rule, finding.rank) == ("rank-desync", 3)


@pytest.mark.parametrize("logging", [{0}, {0, 2}])
def test_where_half_of_the_ranks_or_more_tell_nothing_that_is_meant(
    tmp_path: Path, logging: set[int]
) -> None:
    logs = {rank: _log(rank) if rank in logging else [_header(rank)] for rank in range(4)}
    assert not _checked(tmp_path, logs)


def test_a_missing_rank_is_waited_for_while_a_run_is_young(tmp_path: Path) -> None:
    monitor = _live(tmp_path)
    for rank in range(3):
        _append(tmp_path, rank, _log(rank, 300))
    assert not _read(monitor, NOW)
    for rank in range(3):
        _append(tmp_path, rank, _steps(400, first=300))
    (finding,) = _read(monitor, NOW + 80)
    assert (finding.rank, finding.step) == (3, 23)


def test_a_rank_whose_file_is_seen_late_is_no_trouble(tmp_path: Path) -> None:
    monitor = _live(tmp_path)
    for rank in range(3):
        _append(tmp_path, rank, _log(rank, 300))
    assert not _read(monitor, NOW)
    _append(tmp_path, 3, _log(3, 600))
    for rank in range(3):
        _append(tmp_path, rank, _steps(700, first=300))
    _append(tmp_path, 3, _steps(400, first=600))
    assert not _read(monitor, NOW + 140)
    assert not monitor.view.runs[0].decisions


def test_a_rank_that_ended_without_a_word_before_the_exchange_failed_is_named(
    tmp_path: Path,
) -> None:
    logs = {rank: _log(rank, 100, REFUSED) for rank in (0, 1, 3)}
    (finding,) = _checked(tmp_path, {**logs, 2: _log(2, 99)})
    assert (finding.rule, finding.rank, finding.severity.word) == ("rank-desync", 2, "error")
    assert "rank 2 (node-1, process 0) ended at step 98" in finding.title
    assert (finding.onset_step, finding.evidence["last_time"]) == (98, 1e9 + 0.2 * 98)
    assert finding.times == 1


def test_a_rank_that_tells_its_own_failure_is_what_the_others_met_with(tmp_path: Path) -> None:
    logs = {rank: _log(rank, 100, REFUSED) for rank in (0, 3)}
    assert not _checked(tmp_path, {**logs, 1: _log(1, 99, NO_MEMORY), 2: _log(2, 99)})


def test_ranks_that_are_all_ended_from_outside_merely_end(tmp_path: Path) -> None:
    assert not _checked(tmp_path, {rank: _log(rank, 100 - rank % 2) for rank in range(4)})


def test_a_rank_that_ended_is_named_in_a_live_log_once_nothing_comes_any_more(
    tmp_path: Path,
) -> None:
    monitor = _live(tmp_path)
    for rank in range(4):
        _append(tmp_path, rank, _log(rank, 99 if rank == 2 else 100))
    assert not _read(monitor, NOW)
    for rank in (0, 1, 3):
        _append(tmp_path, rank, [REFUSED])
    assert not _read(monitor, NOW + 2)
    assert not _read(monitor, NOW + CLOSING_SECONDS)
    (finding,) = _read(monitor, NOW + 4 + CLOSING_SECONDS)
    assert (finding.rank, finding.severity.word) == (2, "error")


def test_a_run_that_is_resumed_has_all_its_ranks_again(tmp_path: Path) -> None:
    logs = {rank: _log(rank, 100, *([] if rank == 2 else [REFUSED])) for rank in range(4)}
    monitor = _live(tmp_path)
    for rank, records in logs.items():
        _append(tmp_path, rank, records)
    assert _read(monitor, NOW)
    for rank in range(4):
        _append(tmp_path, rank, [_header(rank) | {"attempt": 1}, *_steps(200, first=100)])
    assert not _read(monitor, NOW + 100)


def _on_two_clocks(seconds: float, *, slow: int | None = None) -> dict[int, list[Record]]:
    """Return the logs of four ranks of two hosts, of which the second's clock is ahead."""
    return {
        rank: [
            _header(rank),
            *_steps(300, clock=seconds * (rank // 2), work=0.2 if rank == slow else 0.1),
        ]
        for rank in range(4)
    }


@pytest.mark.parametrize("seconds", [90.0, -90.0, 3600.0])
def test_a_host_whose_clock_differs_makes_no_rank_seem_silent(
    tmp_path: Path, seconds: float
) -> None:
    monitor, logs = _live(tmp_path), _on_two_clocks(seconds)
    for rank in (2, 3):
        _append(tmp_path, rank, logs[rank])
    for rank in (0, 1):  # read 40 s later than the others
        _append(tmp_path, rank, logs[rank][:100])
    assert not _read(monitor, NOW)
    for rank in (0, 1):
        _append(tmp_path, rank, logs[rank][100:])
    assert not _read(monitor, NOW + 40)
    assert not monitor.view.runs[0].decisions


def test_a_rank_that_is_silent_on_a_clock_that_is_ahead_is_gone(tmp_path: Path) -> None:
    monitor, logs = _live(tmp_path), _on_two_clocks(90.0)
    for rank in (0, 1):
        _append(tmp_path, rank, [*logs[rank], *_steps(700, first=300)])
    _append(tmp_path, 2, [*logs[2], *_steps(700, first=300, clock=90.0)])
    _append(tmp_path, 3, logs[3])  # 140 s of silence, of which its clock would hide most
    (finding,) = _read(monitor, NOW)
    assert (finding.rule, finding.rank, finding.evidence["last_step"]) == ("rank-desync", 3, 299)


@pytest.mark.parametrize("seconds", [0.0, 90.0])
def test_a_straggler_is_the_same_on_any_clock(tmp_path: Path, seconds: float) -> None:
    (finding,) = _checked(tmp_path, _on_two_clocks(seconds, slow=1))
    assert (finding.rule, finding.rank) == ("straggler-rank", 1)
    assert finding.time == pytest.approx(1e9 + 0.2 * finding.step, abs=1e-3)  # type: ignore[operator]  # it has both


def test_a_first_rank_that_tells_nothing_leads_no_run(tmp_path: Path) -> None:
    _append(tmp_path, 0, [_header(0)])
    for rank in (1, 2, 3):
        loss = [record | {"train/loss": "NaN"} for record in _log(rank, 60)[1:]]
        _append(tmp_path, rank, [_header(rank), *loss])
    monitor = Monitor([tmp_path], strict=True)
    monitor.read_all(NOW)
    (run,) = monitor.view.runs
    assert (run.lead.rank, run.last_step) == (1, 59)
    assert "non-finite" in {finding.rule for finding in run.findings}
    absent = next(finding for finding in run.findings if finding.rule == "rank-desync")
    assert absent.title.startswith("rank 0 of 4 has told nothing at all")


def test_a_first_rank_that_tells_late_leads_from_then_on(tmp_path: Path) -> None:
    _append(tmp_path, 0, [_header(0)])
    for rank in (1, 2, 3):
        _append(tmp_path, rank, _log(rank, 60))
    monitor = Monitor([tmp_path], rules=RULES, live=True, strict=True)
    _read(monitor, NOW)
    assert monitor.view.runs[0].lead.rank == 1
    for rank in (0, 1, 2, 3):
        _append(tmp_path, rank, _steps(60 if rank else 120, first=60 if rank else 0))
    late = _read(monitor, NOW + 5)
    assert monitor.view.runs[0].lead.rank == 0
    whole = Monitor([tmp_path], rules=RULES, strict=True)
    whole.read_all(NOW)
    assert late == _found(whole) == []


def test_a_first_rank_that_is_a_little_late_leads_all_the_time(tmp_path: Path) -> None:
    _append(tmp_path, 0, [_header(0)])
    for rank in (1, 2, 3):
        _append(tmp_path, rank, _log(rank, 10))
    monitor = _live(tmp_path)
    _read(monitor, NOW)
    assert monitor.view.runs[0].lead.rank == 0
