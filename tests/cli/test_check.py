"""``trainmon check``: what it prints where, and with which code it exits."""

from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from trainmon.attention import Remembered, attention_path
from trainmon.cli import main
from trainmon.errors import TrainmonError
from trainmon.incidents import Regard
from trainmon.monitor import Monitor
from trainmon.rules import load
from trainmon.store.batch import Record

HEADER: Record = {"trainmon": 1, "run": "baseline", "time": 1e9}
HEALTHY: list[Record] = [
    {"step": step, "time": 1e9 + step, "train/loss": 1.0} for step in range(30)
]
WARNED = [*HEALTHY, {"step": 30, "val/loss": 1.0}, {"step": 31, "val/loss": "NaN"}]
RUINED = [*HEALTHY, {"step": 30, "train/loss": "NaN"}]
NOTED = [*HEALTHY, {"step": 30, "val/loss": "Infinity"}]

Captured = pytest.CaptureFixture[str]


def _run(folder: Path, records: Iterable[Record]) -> Path:
    folder.mkdir(parents=True)
    lines = b"".join(orjson.dumps(record) + b"\n" for record in (HEADER, *records))
    (folder / "rank0.jsonl").write_bytes(lines)
    return folder


def _check(*arguments: str | Path) -> int:
    return main(["check", *map(str, arguments)])


def test_a_healthy_run_exits_with_zero(tmp_path: Path, capsys: Captured) -> None:
    assert _check(_run(tmp_path / "run", HEALTHY)) == 0
    assert "well: nothing found in" in capsys.readouterr().out


def test_a_finding_exits_with_one(tmp_path: Path) -> None:
    assert _check(_run(tmp_path / "run", RUINED)) == 1


@pytest.mark.parametrize(
    ("records", "codes"), [(NOTED, (1, 0, 0)), (WARNED, (1, 1, 0)), (RUINED, (1, 1, 1))]
)
def test_the_level_decides_which_findings_count(
    records: list[Record], codes: tuple[int, ...], tmp_path: Path
) -> None:
    folder = _run(tmp_path / "run", records)
    assert (
        tuple(_check(folder, "--fail-on", level) for level in ("info", "warning", "error")) == codes
    )


def test_a_header_alone_is_no_finding_and_its_status_unknown(
    tmp_path: Path, capsys: Captured
) -> None:
    assert _check(_run(tmp_path / "run", []), "--json") == 0
    (run,) = orjson.loads(capsys.readouterr().out)["runs"]
    assert (run["status"], run["records"], run["last_step"]) == ("unknown", 0, None)
    assert _check(tmp_path / "run") == 0
    assert capsys.readouterr().out.startswith("baseline  state unknown, 0 records")


def test_all_runs_are_judged_and_one_finding_is_enough(tmp_path: Path, capsys: Captured) -> None:
    _run(tmp_path / "good", HEALTHY)
    _run(tmp_path / "bad", RUINED)
    assert _check(tmp_path, "--json") == 1
    assert len(orjson.loads(capsys.readouterr().out)["runs"]) == 2


def test_what_cannot_be_read_exits_with_two_and_the_rest_is_judged(
    tmp_path: Path, capsys: Captured
) -> None:
    folder = _run(tmp_path / "run", RUINED)
    assert _check(folder, tmp_path / "nothing") == 2
    captured = capsys.readouterr()
    assert "non-finite" in captured.out
    assert captured.err.startswith("trainmon: ")
    assert captured.err.count("\n") == 1


def test_a_folder_without_a_run_exits_with_two_and_a_hint(tmp_path: Path, capsys: Captured) -> None:
    assert _check(tmp_path) == 2
    assert "trainmon formats lists what is read" in capsys.readouterr().err


def test_a_newer_version_exits_with_two_and_says_what_to_do(
    tmp_path: Path, capsys: Captured
) -> None:
    folder = _run(tmp_path / "run", HEALTHY)
    log = folder / "rank0.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"trainmon":1', b'"trainmon":9'))
    assert _check(folder) == 2
    assert "pip install -U trainmon" in capsys.readouterr().err


def test_a_superseded_run_is_listed_and_does_not_count(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "metrics.jsonl"
    lines = [{"step": step, "loss": "NaN" if step == 5 else 1.0} for step in range(9)]
    lines += [{"step": step, "loss": 1.0} for step in range(9)]
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert _check(path, "--json") == 0
    runs = orjson.loads(capsys.readouterr().out)["runs"]
    assert [(run["superseded"], len(run["findings"])) for run in runs] == [(False, 0), (True, 1)]
    assert _check(path) == 0
    assert "1 earlier run in the same file, superseded" in capsys.readouterr().out


def test_a_live_look_is_never_taken_at_a_log_that_is_read_once(
    tmp_path: Path, capsys: Captured
) -> None:
    assert _check(_run(tmp_path / "run", HEALTHY), "--json", "-v") == 0
    (run,) = orjson.loads(capsys.readouterr().out)["runs"]
    assert (run["status"], run["findings"]) == ("unknown", [])


@pytest.mark.parametrize("arguments", [[], ["--fail-on", "fatal", "x"], ["x", "--unknown"]])
def test_a_misused_command_line_is_told_in_one_line_with_a_hint(
    arguments: list[str], capsys: Captured
) -> None:
    assert _check(*arguments) == 2
    error = capsys.readouterr().err
    assert error.endswith("(see trainmon check --help)\n") or "see trainmon --help" in error
    assert error.count("\n") == 1


def test_an_error_is_one_line_unless_debugging_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert main(["explain", "nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("TRAINMON_DEBUG", "1")
    with pytest.raises(TrainmonError):
        main(["explain", "nonsense"])


def test_a_role_that_is_told_decides_what_is_judged(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "log.jsonl"
    lines = [{"step": step, "loss": 1.0, "zeal": "NaN"} for step in range(20)]
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert _check(path) == 0
    assert _check(path, "--role", "train_loss=zeal", "-v") == 1
    assert "as told: zeal is train loss" in capsys.readouterr().out


def test_a_told_metric_that_no_run_logs_is_a_note(tmp_path: Path, capsys: Captured) -> None:
    assert _check(_run(tmp_path / "run", HEALTHY), "--role", "val_loss=zeal") == 0
    assert "note: no run logs zeal, which --role names" in capsys.readouterr().err


def test_a_role_there_is_not_is_told_in_one_line(tmp_path: Path, capsys: Captured) -> None:
    assert _check(_run(tmp_path / "run", HEALTHY), "--role", "loss=zeal") == 2
    error = capsys.readouterr().err
    assert error.startswith("trainmon: no role 'loss'; there are: ")
    assert error.count("\n") == 1


def test_what_was_taken_for_what_is_told_when_asked_for(tmp_path: Path, capsys: Captured) -> None:
    folder = _run(tmp_path / "run", [{**record, "lr": 0.1} for record in HEALTHY])
    assert _check(folder, "-v") == 0
    out = capsys.readouterr().out
    assert "taken for: train loss train/loss, learning rate lr\n" in out
    assert "planned: not told\n" in out


def test_a_pipe_is_judged_like_a_file(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _run(tmp_path / "run", RUINED) / "rank0.jsonl"
    with log.open() as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        assert _check("-", "--json") == 1
    (run,) = orjson.loads(capsys.readouterr().out)["runs"]
    assert (run["path"], run["run"]) == ("-", "baseline")


def test_a_pipe_in_no_format_is_told_as_what_it_was_given(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text").write_text("nothing to see here\n" * 9)
    with (tmp_path / "text").open() as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        assert _check("-") == 2
    assert capsys.readouterr().err.startswith("trainmon: '-': ")


def test_each_decision_is_recorded_where_it_is_asked_for(tmp_path: Path, capsys: Captured) -> None:
    folder, file = _run(tmp_path / "run", RUINED), tmp_path / "incidents.jsonl"
    assert _check(folder, "--record", file) == 1
    (line,) = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert (line["run"], line["path"], line["rule"]) == ("baseline", str(folder), "non-finite")
    assert (line["kind"], line["step"]) == ("opened", 30)
    assert "non-finite" in capsys.readouterr().out


def test_a_file_that_cannot_be_recorded_in_is_told_before_anything_is_judged(
    tmp_path: Path, capsys: Captured
) -> None:
    assert _check(_run(tmp_path / "run", RUINED), "--record", tmp_path / "no" / "file") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("cannot be recorded in: No such file or directory\n")


@pytest.fixture
def muted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a run of which a person has muted the one finding."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = _run(tmp_path / "run", RUINED)
    (run,) = Monitor([folder], rules=[load("non-finite")]).read_all(2e9).runs
    Remembered(attention_path()).toggle(run, run.findings[0], Regard.MUTED)
    return folder


def test_what_was_muted_does_not_count_and_is_listed(muted: Path, capsys: Captured) -> None:
    assert _check(muted) == 0
    out = capsys.readouterr().out
    assert "✓ well: nothing found" in out
    assert "train/loss is NaN" in out
    assert "(muted)" in out


def test_what_was_muted_counts_where_it_is_asked_for(muted: Path, capsys: Captured) -> None:
    assert _check(muted, "--no-mutes") == 1
    assert "muted" not in capsys.readouterr().out


def test_what_was_said_in_a_broken_file_is_a_note(
    muted: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "trainmon" / "attention.json").write_text("{")
    assert _check(muted) == 1
    assert "is not understood" in capsys.readouterr().err


def test_lines_are_broken_on_a_terminal_alone(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    folder = _run(tmp_path / "run", RUINED)
    _check(folder)
    piped = capsys.readouterr().out.splitlines()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _check(folder)
    shown = capsys.readouterr().out.splitlines()
    assert len(piped[1]) > 60 >= len(shown[1])
    assert "".join(piped[1].split()) in "".join("".join(shown).split())


def test_what_comes_through_a_pipe_is_recorded_as_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "incidents.jsonl"
    with _log_without_a_name(tmp_path / "run").open() as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        assert _check("-", "--record", file) == 1
    lines = map(orjson.loads, file.read_bytes().splitlines())
    told = {(line["run"], line["path"]) for line in lines}
    assert told == {("-", "-")}


def _log_without_a_name(folder: Path) -> Path:
    log = _run(folder, RUINED) / "rank0.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"run":"baseline",', b""))
    return log
