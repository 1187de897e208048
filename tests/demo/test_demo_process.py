import json
import subprocess
import sys
from pathlib import Path

import pytest

from trainmon.demo.__main__ import main


def test_a_demo_runs_in_a_process_of_its_own_and_leaves_a_finished_log(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "trainmon.demo", "healthy", str(folder), "--steps", "50"]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603 - our own interpreter and module
    lines = [json.loads(line) for line in (folder / "rank0.jsonl").read_bytes().splitlines()]
    assert lines[0]["config"]["total_steps"] == 50
    assert [line["step"] for line in lines if "train/loss" in line] == list(range(1, 51))
    assert lines[-1]["event"] == "finish"


def test_nan_reaches_the_file_as_the_word_that_strict_json_allows(tmp_path: Path) -> None:
    assert main(["nan", str(tmp_path / "demo"), "--steps", "1500"]) == 0
    assert '"train/loss":"NaN"' in (tmp_path / "demo" / "rank0.jsonl").read_text()


def test_an_unknown_demo_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nam", str(tmp_path / "demo")]) == 2
    assert capsys.readouterr().err.startswith("no demo 'nam'; there are: ")
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_written_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["healthy", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
