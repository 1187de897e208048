"""Which file tells of which run: ranks that restart together, and files that start over."""

from collections.abc import Sequence
from pathlib import Path

from trainmon.monitor import Monitor
from trainmon.view import View

NOW = 1_000_000_000.0


def _log(path: Path, *steps: Sequence[int]) -> None:
    lines = (f'{{"step": {step}, "loss": 1.0}}\n' for run in steps for step in run)
    path.write_text("".join(lines))


def _look(monitor: Monitor, now: float) -> View:
    while monitor.step(now):
        pass
    return monitor.view


def test_ranks_that_restart_in_their_files_are_one_run_again(tmp_path: Path) -> None:
    for rank in range(3):
        _log(tmp_path / f"rank{rank}.jsonl", range(20), range(30))
    later, earlier = Monitor([tmp_path], strict=True).read_all(NOW).runs
    assert [lane.rank for lane in later.lanes] == [0, 1, 2]
    assert (later.superseded, later.records) == (False, 3 * 30)
    assert (earlier.superseded, earlier.records) == (True, 3 * 20)


def test_of_ranks_that_restarted_one_file_may_start_over(tmp_path: Path) -> None:
    for rank in range(2):
        _log(tmp_path / f"rank{rank}.jsonl", range(20), range(30))
    monitor = Monitor([tmp_path], strict=True)
    _look(monitor, NOW)
    _log(tmp_path / "rank0.jsonl", range(5))
    _look(monitor, NOW + 2)
    assert sum(run.records for run in _look(monitor, NOW + 4).runs) == 5 + 20 + 30
    _log(tmp_path / "rank1.jsonl", range(7))
    _look(monitor, NOW + 6)
    assert sum(run.records for run in _look(monitor, NOW + 8).runs) == 5 + 7


def test_many_runs_in_one_file_are_numbered(tmp_path: Path) -> None:
    _log(tmp_path / "log.jsonl", *[range(3)] * 300)
    runs = Monitor([tmp_path], strict=True).read_all(NOW).runs
    assert sorted(run.number for run in runs) == [*range(1, 301)]
    assert [run.number for run in runs if not run.superseded] == [300]


def test_a_metric_of_a_gathered_run_that_is_rewritten_leaves_the_others(tmp_path: Path) -> None:
    metrics = tmp_path / "run" / "metrics"
    metrics.mkdir(parents=True)
    for name in ("loss", "acc"):
        (metrics / name).write_text(
            "".join(f"1700000000{at:03} 0.5 {at}\n" for at in range(1, 9)), newline="\n"
        )
    monitor = Monitor([tmp_path], strict=True)
    _look(monitor, NOW)
    (metrics / "loss").write_text("1700000000001 0.25 1\n")
    _look(monitor, NOW + 2)
    (run,) = _look(monitor, NOW + 4).runs
    assert {name: len(samples) for name, samples in run.lead.series.items()} == {
        "loss": 1,
        "acc": 8,
    }
