"""A header tells where its run comes from, and no secrets with it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainmon import Writer

Read = Callable[[Path], list[dict[str, Any]]]

SCRIPT = """
import sys
from trainmon import Writer

Writer(sys.argv[1], config={"lr": 0.1, "wandb": {"api_key": "s3cr3t"}})
"""


def test_a_header_tells_the_commit_of_the_script_and_its_command(
    tmp_path: Path, folder: Path, read: Read
) -> None:
    project = tmp_path / "project"
    (project / ".git" / "refs" / "heads").mkdir(parents=True)
    (project / ".git" / "objects").mkdir()
    (project / ".git" / "HEAD").write_text("ref: refs/heads/new-loss\n")
    (project / ".git" / "refs" / "heads" / "new-loss").write_text(f"{'ab' * 20}\n")
    script = project / "train.py"
    script.write_text(SCRIPT)
    command = [str(script), str(folder), "--hub-token", "s3cr3t", "--lr", "0.1"]
    subprocess.run([sys.executable, *command], check=True, cwd=tmp_path)  # noqa: S603 - our own code
    header = read(folder / "rank0.jsonl")[0]
    assert header["commit"] == {"id": "ab" * 20, "branch": "new-loss"}
    assert header["command"] == [sys.executable, *command[:3], "***", "--lr", "0.1"]
    assert header["versions"]["python"] == sys.version.split()[0]
    assert header["config"] == {"lr": 0.1, "wandb": {"api_key": "***"}}


def test_settings_that_are_known_later_keep_no_secrets_either(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        log.configure({"hub": {"token": "s3cr3t", "repo": "team/model"}})
    config = read(folder / "rank0.jsonl")[1]["config"]
    assert config == {"hub": {"token": "***", "repo": "team/model"}}


def test_a_script_whose_folder_is_gone_is_logged_all_the_same(
    folder: Path, run_script: Callable[..., str], read: Read
) -> None:
    code = "import os, sys, tempfile; gone = tempfile.mkdtemp(); os.chdir(gone); os.rmdir(gone)"
    run_script(f"{code}\nfrom trainmon import Writer; Writer(sys.argv[1])", folder)
    assert "commit" not in read(folder / "rank0.jsonl")[0]
