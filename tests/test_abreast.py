"""Ranks side by side: the same findings in whatever order their files arrive."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import orjson
import pytest

from trainmon.abreast.gathering import Abreast
from trainmon.incidents import Incident
from trainmon.monitor import Monitor
from trainmon.rules import load
from trainmon.rules.straggler_rank import Ranks, StragglerRank
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

NOW = 2e9
ACROSS = ("straggler-rank", "rank-desync")
RULES = [load(name) for name in ACROSS]

Logs = Mapping[int, Sequence[Record]]


def _header(rank: int, ranks: int, attempt: int = 0) -> Record:
    return {
        "trainmon": 1,
        "time": 1e9,
        "rank": rank,
        "world_size": ranks,
        "host": f"node-{rank // 2}",
        "attempt": attempt,
    }


def _logs(ranks: int = 4, steps: int = 300, *, slow: int | None = None, **own: int) -> Logs:
    """Return logs of ranks that tell one loss; `own` gives the steps of some, as ``rank2=60``."""
    rng = np.random.default_rng(0)
    loss = rng.lognormal(0, 0.1, steps).tolist()
    logs = {}
    for rank in range(ranks):
        work = rng.normal(0.1, 0.002, steps)
        if rank == slow:
            work[steps // 3 :] += 0.05
        logs[rank] = [
            _header(rank, ranks),
            *(
                {
                    "step": step,
                    "time": 1e9 + 0.2 * step,
                    "train/loss": loss[step],
                    "work_time": float(work[step]),
                    "step_time": 0.2,
                }
                for step in range(own.get(f"rank{rank}", steps))
            ),
        ]
    return logs


def _append(folder: Path, rank: int, records: Sequence[Record]) -> None:
    with (folder / f"rank{rank}.jsonl").open("ab") as file:
        file.write(b"".join(orjson.dumps(record) + b"\n" for record in records))


def _across(monitor: Monitor) -> list[Incident]:
    (run,) = monitor.view.runs
    return [finding for finding in run.findings if finding.rule in ACROSS]


def _checked(folder: Path, logs: Logs, *, chunk: int = 512 * 1024) -> list[Incident]:
    """Return what is found across ranks when all logs are there and are read once."""
    folder.mkdir()
    for rank, records in logs.items():
        _append(folder, rank, records)
    monitor = Monitor([folder], rules=RULES, chunk=chunk, strict=True)
    monitor.read_all(NOW)
    return _across(monitor)


def test_a_slow_rank_is_named_with_its_host(tmp_path: Path) -> None:
    (finding,) = _checked(tmp_path / "run", _logs(slow=3))
    assert (finding.rule, finding.rank, finding.metric) == ("straggler-rank", 3, "work_time")
    assert "rank 3 (node-1, process 1)" in finding.title
    assert finding.evidence["host"] == "node-1"
    assert finding.onset_step == pytest.approx(100, abs=48)
    assert finding.evidence["speed"] == pytest.approx(2 / 3, abs=0.02)


def test_ranks_that_keep_up_are_in_order(tmp_path: Path) -> None:
    assert not _checked(tmp_path / "run", _logs())


def _in_stages(folder: Path, logs: Logs, order: Sequence[int]) -> list[Incident]:
    """Return what is found when one file after the other arrives, in two parts each."""
    folder.mkdir()
    monitor, now = Monitor([folder], rules=RULES, strict=True), NOW
    for part in range(2):
        for rank in order:
            half = len(logs[rank]) // 2
            _append(folder, rank, logs[rank][half:] if part else logs[rank][:half])
            now += 10
            while monitor.step(now):
                pass
    return _across(monitor)


def test_the_order_in_which_files_arrive_changes_nothing(tmp_path: Path) -> None:
    logs = _logs(3, slow=1, rank2=150)
    whole = _checked(tmp_path / "whole", logs)
    assert {finding.rule for finding in whole} == set(ACROSS)
    for number, order in enumerate(permutations(range(3))):
        assert _in_stages(tmp_path / str(number), logs, order) == whole


@pytest.mark.parametrize("chunk", [200, 20_000])
def test_the_size_of_reads_changes_nothing(tmp_path: Path, chunk: int) -> None:
    logs = _logs(3, slow=1)
    whole = _checked(tmp_path / "whole", logs)
    assert _checked(tmp_path / "parts", logs, chunk=chunk) == whole


def test_a_rank_whose_log_ends_early_is_told(tmp_path: Path) -> None:
    (finding,) = _checked(tmp_path / "run", _logs(rank2=60))
    assert (finding.rule, finding.rank) == ("rank-desync", 2)
    assert finding.evidence["last_step"] == 59
    assert finding.onset_step == 59


def test_a_rank_that_says_that_it_ended_is_not_waited_for(tmp_path: Path) -> None:
    logs = {rank: list(records) for rank, records in _logs(rank1=100).items()}
    logs[1].append({"event": "exception", "step": 100, "time": 1e9 + 20, "message": "no memory"})
    (finding,) = _checked(tmp_path / "run", logs)
    assert (finding.rule, finding.rank, finding.evidence["last_step"]) == ("rank-desync", 1, 99)


def test_a_log_that_merely_ends_for_all_ranks_is_no_trouble(tmp_path: Path) -> None:
    assert not _checked(tmp_path / "run", _logs(rank1=298, rank3=299))


def test_ranks_that_tell_fewer_steps_are_no_trouble(tmp_path: Path) -> None:
    logs = {
        rank: [r for r in records if not rank or r.get("step", 0) % 25 == 0]
        for rank, records in _logs(steps=990).items()
    }
    assert not _checked(tmp_path / "run", logs)


def test_losses_of_own_batches_never_agreed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    logs = {
        rank: [
            record | {"train/loss": float(rng.lognormal())} if "step" in record else record
            for record in records
        ]
        for rank, records in _logs().items()
    }
    assert not _checked(tmp_path / "run", logs)


def test_a_loss_that_all_told_alike_and_one_does_not_any_more_is_an_error(tmp_path: Path) -> None:
    logs = {rank: list(records) for rank, records in _logs().items()}
    logs[3] = [
        r | {"train/loss": r["train/loss"] * 1.001} if r.get("step", 0) >= 200 else r
        for r in logs[3]
    ]
    (finding,) = _checked(tmp_path / "run", logs)
    assert (finding.rule, finding.rank, finding.onset_step) == ("rank-desync", 3, 200)
    assert (finding.severity.word, finding.metric) == ("error", "train/loss")


def test_a_checksum_that_differs_is_an_error_at_once(tmp_path: Path) -> None:
    logs = {
        rank: [
            r | {"param_checksum": 0.1 * r["step"] + (rank == 1 and r["step"] == 250)}
            if r.get("step", 1) % 50 == 0
            else r
            for r in records
        ]
        for rank, records in _logs().items()
    }
    (finding,) = _checked(tmp_path / "run", logs)
    assert (finding.severity.word, finding.onset_step, finding.rank) == ("error", 250, 1)


def test_a_resume_of_all_ranks_begins_anew(tmp_path: Path) -> None:
    logs = {
        rank: [
            *records,
            _header(rank, 4, 1),
            *[r | {"time": r["time"] + 900} for r in records[150:]],
        ]
        for rank, records in _logs().items()
    }
    assert not _checked(tmp_path / "run", logs)


def test_a_rank_that_tells_only_that_it_is_there_is_not_waited_for(tmp_path: Path) -> None:
    logs = {**_logs(3, slow=1), 3: [_header(3, 4)]}
    (finding,) = _checked(tmp_path / "run", logs)
    assert (finding.rule, finding.rank) == ("straggler-rank", 1)


def test_a_rank_that_lags_in_a_live_log_is_waited_for(tmp_path: Path) -> None:
    logs = _logs(2)
    monitor, now = Monitor([tmp_path], rules=RULES, live=True, strict=True), NOW
    for rank, begin, end in ((0, 0, 301), (1, 0, 100), (1, 100, 301)):
        _append(tmp_path, rank, logs[rank][begin:end])
        now += 2
        while monitor.step(now):
            pass
        assert not _across(monitor)


def test_a_run_of_one_rank_says_what_it_lacks(tmp_path: Path) -> None:
    _append(tmp_path, 0, _logs(1)[0])
    (run,) = Monitor([tmp_path], rules=RULES).read_all(NOW).runs
    missing = {lacking.rule: lacking.missing for lacking in run.not_judged}
    assert missing["straggler-rank"] == ("work_time of several ranks",)


def _lanes(ranks: int, steps: int) -> dict[int, Lane]:
    work = np.random.default_rng(0).normal(0.1, 0.002, (ranks, steps))
    lanes = {}
    for rank in range(ranks):
        lanes[rank] = Lane(rank)
        lanes[rank].append(
            batch_of(
                [
                    {"step": step, "train/loss": 1 / (step + 1), "work_time": time}
                    for step, time in enumerate(work[rank].tolist())
                ]
            )
        )
    return lanes


def test_a_thousand_ranks_are_told_apart() -> None:
    lanes = _lanes(1_024, 200)
    lanes[700] = Lane(700)
    lanes[700].append(batch_of([{"step": n, "work_time": 0.2} for n in range(200)]))
    decisions = Abreast(RULES).advance(lanes, 0, live=False)
    assert decisions
    assert {decision.event.rank for decision in decisions} == {700}


def test_ranks_are_compared_when_a_longer_log_beside_them_has_been_read(tmp_path: Path) -> None:
    logs = _logs(slow=3)
    whole = _checked(tmp_path / "whole", logs)
    (tmp_path / "both" / "ranks").mkdir(parents=True)
    (tmp_path / "both" / "longer").mkdir()
    for rank, records in logs.items():
        _append(tmp_path / "both" / "ranks", rank, records)
    lines: list[Record] = [{"step": step, "train/loss": 1.0} for step in range(20_000)]
    _append(tmp_path / "both" / "longer", 0, [{"trainmon": 1}, *lines])
    monitor = Monitor([tmp_path / "both"], rules=RULES, live=True, chunk=16_384, strict=True)
    assert monitor.step(NOW)
    while monitor.step(NOW):
        pass
    titles = {finding.title for run in monitor.view.runs for finding in run.findings}
    assert titles >= {finding.title for finding in whole}


class _Begun(StragglerRank):
    """Counts how often all steps are gathered anew."""

    begun = 0

    def begin(self) -> Ranks:
        _Begun.begun += 1
        return super().begin()


def test_a_rank_that_stays_far_behind_does_not_have_all_steps_gathered_at_each_of_its_own() -> None:
    def take(first: int, stop: int) -> None:
        for rank, behind in ((0, 0), (1, 0), (2, 1_200)):
            steps = range(max(0, first - behind), stop - behind)
            run.take(rank, batch_of([{"step": step, "train/loss": 1.0} for step in steps]))
        run.judge()
        run.compare_ranks(live=True)

    run = Run("run", "run", "logs/run", [_Begun()])
    take(0, 4_000)
    before = _Begun.begun
    for step in range(4_000, 4_400):
        take(step, step + 1)
    assert 1 < _Begun.begun - before < 10
    before = _Begun.begun
    run.compare_ranks(live=False)
    assert _Begun.begun > before, "in the end all are told"
