"""``trainmon formats``: the table, and how a log was understood."""

from pathlib import Path

import orjson
import pytest

from trainmon.cli import main
from trainmon.sources import all_sources

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of two runs, with a line that is none."""
    lines: list[object] = [{"step": step, "loss": 1.0} for step in range(5)]
    lines += [{"step": 9 * step, "epoch": step, "loss": 0.5, "acc1": 9.0} for step in range(5)]
    text = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(text + b"not a record\n" + b'{"step": 45, "epoch": 5, "val_loss": "NaN"}\n')
    return path


def _formats(*arguments: str | Path) -> int:
    return main(["formats", *map(str, arguments)])


def test_without_a_path_every_format_is_a_line(capsys: Captured) -> None:
    assert _formats() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [source.id for source in all_sources()]


def test_the_table_is_printed_as_json_too(capsys: Captured) -> None:
    assert _formats("--json") == 0
    formats = orjson.loads(capsys.readouterr().out)["formats"]
    assert [listed["id"] for listed in formats] == [source.id for source in all_sources()]


def test_a_log_is_told_as_it_was_understood(log: Path, capsys: Captured) -> None:
    assert _formats(log) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "runs 2 in this file; the last one counts" in out
    assert "steps 0 to 45 epochs 0 to 5 config none found" in out
    assert "loss train loss lower 5 0.5" in out
    assert "val_loss val loss lower 1 nan" in out
    assert "acc1 train metric higher % 5 9" in out


def test_what_was_skipped_is_told_with_its_reason(log: Path, capsys: Captured) -> None:
    assert _formats(log, "--json") == 0
    (file,) = orjson.loads(capsys.readouterr().out)["files"]
    assert sum(file["skipped"].values()) == 1


def test_the_json_tells_all_runs_and_spells_what_is_not_finite(log: Path, capsys: Captured) -> None:
    assert _formats(log, "--json") == 0
    last, first = orjson.loads(capsys.readouterr().out)["runs"]
    assert (last["superseded"], first["superseded"]) == (False, True)
    assert last["steps"] == [0, 45]
    assert last["metrics"][1] == {
        "name": "val_loss",
        "role": "val loss",
        "told": False,
        "direction": "lower is better",
        "unit": None,
        "samples": 1,
        "last": "NaN",
    }


def test_superseded_runs_are_shown_when_asked_for(log: Path, capsys: Captured) -> None:
    assert _formats(log, "-v") == 0
    assert "(superseded)" in capsys.readouterr().out


def test_the_configuration_is_told_under_the_names_that_rules_read(
    tmp_path: Path, capsys: Captured
) -> None:
    log = tmp_path / "log.jsonl"
    config = b'{"event": "config", "learning_rate": 0.1, "num_epochs": 3, "team": "blue"}\n'
    log.write_bytes(config + b'{"epoch": 1, "loss": 1.0}\n' * 3)
    assert _formats(log) == 0
    out = capsys.readouterr().out
    assert "lr 0.1, epochs 3" in out
    assert "not told: epochs are counted" in out


def test_a_role_that_is_told_is_shown_as_told(log: Path, capsys: Captured) -> None:
    assert _formats(log, "--role", "val_metric=acc1") == 0
    assert "val metric (as told)" in capsys.readouterr().out


def test_a_long_list_of_metrics_is_cut_unless_asked_for(tmp_path: Path, capsys: Captured) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(orjson.dumps({"step": 1, **{f"m{i}": 1 for i in range(90)}}) + b"\n")
    assert _formats(log) == 0
    assert "and 60 more; -v lists them" in capsys.readouterr().out
    assert _formats(log, "-v") == 0
    assert "m89" in capsys.readouterr().out


def test_a_file_in_no_format_exits_with_two(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "novel.txt"
    path.write_text("It was a dark and stormy night.\n" * 99)
    assert _formats(path) == 2
    captured = capsys.readouterr()
    assert "not recognised" in captured.out
    assert captured.err.startswith("trainmon: ")


def test_a_pipe_is_understood_too(
    log: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with log.open() as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        assert _formats("-") == 0
    assert capsys.readouterr().out.startswith("-\n  format")


def test_names_shorter_than_the_heading_stand_below_it(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "run.csv").write_text("step,lr\n1,0.5\n")
    assert _formats(tmp_path / "run.csv") == 0
    *_, heading, row = capsys.readouterr().out.splitlines()
    assert heading.index("role") == row.index("learning rate")


def test_files_of_a_run_inside_the_folder_of_another_are_not_counted_to_both(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "trainer_state.json").write_bytes(
        orjson.dumps({"log_history": [{"step": 1, "loss": 0.5}]})
    )
    (tmp_path / "inner").mkdir()
    for rank in range(2):
        (tmp_path / "inner" / f"rank{rank}.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
    assert _formats(tmp_path) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "read as one run" in line]
    assert told == ["  files    2, read as one run"]
