"""The file of incidents: a line for each decision, the same at any cut, and never in the way."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from trainmon.errors import UsageError
from trainmon.monitor import JUDGING_SECONDS, Monitor
from trainmon.report.incident_file import IncidentFile, incident_file
from trainmon.rules import load
from trainmon.store.batch import Record
from trainmon.view import View

NOW = 1_000_000_000.0
RULES = [load(name) for name in ("loss-spike", "metric-collapse", "non-finite", "stalled")]
HEADER: Record = {"trainmon": 1, "run": "baseline", "time": NOW}

Lines = list[dict[str, Any]]


def _troubled(loss: str = "NaN") -> list[Record]:
    """Return a log in which losses jump and break, and a metric falls."""
    records: list[Record] = [HEADER]
    for step in range(400):
        place: Record = {"step": step, "epoch": step / 50, "time": NOW + step}
        value: float | str = 1.0 + 0.01 * (step % 7)
        value = 60.0 if step in {100, 101, 260} else loss if 150 <= step < 160 else value
        records.append({**place, "train/loss": value})
        if step % 25 == 24:
            records.append({**place, "val/f1": 0.8 if step < 250 else 0.0})
    return records


def _append(path: Path, records: Sequence[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(orjson.dumps(record) + b"\n" for record in records))


def _lines(path: Path) -> Lines:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def _checked(log: Path, file: Path) -> View:
    with incident_file(file) as recorder:
        return Monitor([log], rules=RULES, recorder=recorder, strict=True).read_all(NOW)


def _watched(log: Path, file: Path, records: Sequence[Record], *, cut: int) -> None:
    """Record while the log grows by `cut` records between two looks."""
    with incident_file(file) as recorder:
        monitor = Monitor([log], rules=RULES, live=True, recorder=recorder, strict=True)
        for look, start in enumerate(range(0, len(records), cut)):
            _append(log, records[start : start + cut])
            while monitor.step(NOW + JUDGING_SECONDS * look):
                pass


def test_a_line_tells_where_a_rule_spoke_and_what_it_saw(tmp_path: Path) -> None:
    log, file = tmp_path / "run" / "rank0.jsonl", tmp_path / "incidents.jsonl"
    _append(log, _troubled())
    _checked(log, file)
    broken = next(line for line in _lines(file) if line["rule"] == "non-finite")
    assert broken.pop("evidence")["value"] == "NaN"
    assert broken.pop("title").startswith("train/loss is NaN")
    assert broken == {
        "run": "baseline",
        "path": str(log.parent),
        "rank": 0,
        "rule": "non-finite",
        "kind": "opened",
        "severity": "error",
        "metric": "train/loss",
        "step": 150,
        "epoch": 3.0,
        "time": NOW + 150,
        "onset_step": 150,
    }


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_the_same_log_gives_the_same_lines_at_any_cut(tmp_path: Path, cut: int) -> None:
    log, records = tmp_path / "run" / "rank0.jsonl", _troubled()
    _watched(log, tmp_path / "watched.jsonl", records, cut=cut)
    _checked(log, tmp_path / "checked.jsonl")
    watched = [line for line in _lines(tmp_path / "watched.jsonl") if not line.get("live")]
    checked = _lines(tmp_path / "checked.jsonl")
    assert watched == checked
    assert {line["kind"] for line in checked} >= {"opened", "worsened", "repeated", "cleared"}


def test_the_first_lines_of_a_log_give_the_first_decisions(tmp_path: Path) -> None:
    records = _troubled()
    for name, count in (("whole", len(records)), ("part", 200)):
        log = tmp_path / name / "run" / "rank0.jsonl"
        _append(log, records[:count])
        _checked(log, tmp_path / f"{name}.jsonl")
    whole, part = ([{**line, "path": ""} for line in _lines(tmp_path / f"{n}.jsonl")]
                   for n in ("whole", "part"))  # fmt: skip
    assert part
    assert part == whole[: len(part)]


def test_a_rank_that_comes_late_is_told_and_all_is_judged_again(tmp_path: Path) -> None:
    folder, file = tmp_path / "run", tmp_path / "incidents.jsonl"
    with incident_file(file) as recorder:
        monitor = Monitor([folder], rules=RULES, live=True, recorder=recorder, strict=True)
        for rank, now in ((1, NOW), (0, NOW + 2)):
            _append(folder / f"rank{rank}.jsonl", _troubled())
            while monitor.step(now):
                pass
    lines = _lines(file)
    (at,) = [place for place, line in enumerate(lines) if line["kind"] == "anew"]
    assert lines[at] == {
        "run": "baseline",
        "path": str(folder),
        "kind": "anew",
        "why": "rank 0 came late",
    }
    assert {line["rank"] for line in lines[:at]} == {1}
    assert {line["rank"] for line in lines[at + 1 :]} >= {0}


def test_ranks_that_are_there_at_once_are_judged_once(tmp_path: Path) -> None:
    for rank in (0, 1, 2, 10):
        _append(tmp_path / "run" / f"rank{rank}.jsonl", _troubled())
    _checked(tmp_path / "run", tmp_path / "incidents.jsonl")
    lines = _lines(tmp_path / "incidents.jsonl")
    assert "anew" not in {line["kind"] for line in lines}
    assert {line["rank"] for line in lines} >= {0}


def test_a_file_that_starts_over_is_told(tmp_path: Path) -> None:
    log, file = tmp_path / "run" / "rank0.jsonl", tmp_path / "incidents.jsonl"
    with incident_file(file) as recorder:
        monitor = Monitor([log], rules=RULES, live=True, recorder=recorder, strict=True)
        for now in (NOW, NOW + 2):
            log.unlink(missing_ok=True)
            _append(log, _troubled())
            monitor.step(now)
    kinds = [line["kind"] for line in _lines(file)]
    assert kinds.count("anew") == 1
    at = kinds.index("anew")
    assert kinds[:at] == kinds[at + 1 :]


def test_runs_that_follow_one_another_in_a_file_are_told_apart(tmp_path: Path) -> None:
    log, file = tmp_path / "metrics.jsonl", tmp_path / "incidents.jsonl"
    once = [record for record in _troubled() if "trainmon" not in record]
    _append(log, [*once, *once])
    _checked(log, file)
    names = list(dict.fromkeys(line["run"] for line in _lines(file)))
    assert len(names) == 2
    assert names[1] == f"{names[0]} #2"


def test_lines_are_appended_and_a_run_that_is_read_again_says_so(tmp_path: Path) -> None:
    log, file = tmp_path / "run" / "rank0.jsonl", tmp_path / "incidents.jsonl"
    _append(log, _troubled())
    _checked(log, file)
    once = _lines(file)
    _checked(log, file)
    twice = _lines(file)
    assert twice[len(once)]["kind"] == "anew"
    assert twice == [*once, twice[len(once)], *once]


def test_a_line_that_was_torn_does_not_tear_the_next_one(tmp_path: Path) -> None:
    log, file = tmp_path / "run" / "rank0.jsonl", tmp_path / "incidents.jsonl"
    file.write_bytes(b'{"run": "an earlier o')
    _append(log, _troubled())
    _checked(log, file)
    torn, *lines = file.read_bytes().splitlines()
    assert torn == b'{"run": "an earlier o'
    assert [orjson.loads(line) for line in lines]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk to offer")
def test_a_full_disk_is_a_notice_and_the_judgement_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "run" / "rank0.jsonl"
    _append(log, _troubled())
    view = _checked(log, Path("/dev/full"))
    (notice,) = view.notices
    assert notice.startswith("incidents are lost, '/dev/full' cannot be written: ")
    assert view.runs[0].findings


def test_what_is_decided_after_the_end_is_a_notice(tmp_path: Path) -> None:
    recorder = IncidentFile(tmp_path / "incidents.jsonl")
    recorder.close()
    recorder.close()
    recorder.anew("baseline", "logs", "it ended")
    assert len(recorder.notices) == 1


def test_a_log_is_not_recorded_in(tmp_path: Path) -> None:
    log = tmp_path / "rank0.jsonl"
    _append(log, _troubled())
    before = log.read_bytes()
    with pytest.raises(UsageError, match="is a log"):
        _checked(log, log)
    assert log.read_bytes() == before


def test_a_run_called_after_us_is_no_log(tmp_path: Path) -> None:
    file = tmp_path / "incidents.jsonl"
    with incident_file(file) as recorder:
        recorder.anew("trainmon", "trainmon", "first")
    with incident_file(file) as recorder:
        recorder.anew("trainmon", "trainmon", "again")
    assert len(_lines(file)) == 2


@pytest.mark.parametrize("place", [".", "missing/incidents.jsonl"])
def test_a_file_that_cannot_be_opened_is_told_at_once(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match="cannot be recorded in"):
        IncidentFile(tmp_path / place)


def test_a_fifo_that_nobody_reads_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="cannot be recorded in"):
        IncidentFile(tmp_path / "fifo")


@pytest.mark.parametrize("name", ["incidents.jsonl", "found.jsonl"])
def test_what_was_recorded_among_the_logs_is_no_run(tmp_path: Path, name: str) -> None:
    _append(tmp_path / "run" / "rank0.jsonl", _troubled())
    _watched(tmp_path / "late" / "rank0.jsonl", tmp_path / name, _troubled(), cut=100)
    for view in (
        _checked(tmp_path, tmp_path / name),
        Monitor([tmp_path], rules=RULES).read_all(NOW),
    ):
        assert len(view.runs) == 2
    assert not any("incidents.jsonl" in notice for notice in view.notices)
