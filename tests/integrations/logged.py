"""What an integration has logged, and what trainmon's reader makes of it."""

import json
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from trainmon.cli import main

Line = dict[str, Any]

EXAMPLES = Path(__file__).parent.parent / "examples"


def lines_of(folder: Path, rank: int = 0) -> list[Line]:
    """Return the lines of one process's file, each of which must be whole and strict JSON."""

    def refuse(token: str) -> float:
        raise ValueError(f"{token} is not strict JSON")

    content = (folder / f"rank{rank}.jsonl").read_bytes()
    assert content.endswith(b"\n")
    return [json.loads(line, parse_constant=refuse) for line in content.splitlines()]


def curve(lines: list[Line], name: str) -> list[tuple[float | None, Any]]:
    """Return the steps and values of one metric."""
    return [
        (line.get("step"), line[name]) for line in lines if name in line and "event" not in line
    ]


def events(lines: list[Line], kind: str) -> list[Line]:
    """Return the events of one kind."""
    return [line for line in lines if line.get("event") == kind]


def run_example(name: str, folder: Path) -> dict[str, Any]:
    """Run an example script, which logs to `folder`, and return how `check` judges its run."""
    command = [sys.executable, str(EXAMPLES / name), str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder.parent)  # noqa: S603 - our own script
    with redirect_stdout(StringIO()) as judged:
        assert main(["check", "--json", str(folder)]) in {0, 1}
    (run,) = json.loads(judged.getvalue())["runs"]
    return dict(run)
