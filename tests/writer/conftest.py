"""What the writer's tests share: a folder, a way to read it back, and no launcher around them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        *("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "TORCHELASTIC_RUN_ID"),
        *("SLURM_PROCID", "SLURM_NTASKS", "SLURM_JOB_ID"),
        *("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "baseline"


@pytest.fixture
def read() -> Callable[[Path], Lines]:
    """Return a function that reads a file's lines as strict JSON; each must be whole."""

    def refuse(token: str) -> float:
        raise ValueError(f"{token} is not strict JSON")

    def lines_of(path: Path) -> Lines:
        content = path.read_bytes()
        assert content.endswith(b"\n")
        return [json.loads(line, parse_constant=refuse) for line in content.splitlines()]

    return lines_of


@pytest.fixture
def run_script() -> Callable[..., str]:
    """Return a function that runs Python code in a process of its own and gives its output."""

    def run(code: str, *arguments: object) -> str:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        process = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own code
        return process.stdout

    return run
