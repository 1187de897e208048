import os
import subprocess
import sys
from pathlib import Path

from tests.cli.on_a_terminal import PATIENCE, SOURCES, on_a_terminal
from trainmon.demo import names


def demo(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a demo as if it were piped into another command."""
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", "trainmon", "demo", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SOURCES), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def test_a_demo_that_is_piped_is_judged_at_its_end(tmp_path: Path) -> None:
    done = demo("healthy", "--steps", "60", "--folder", tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("healthy  finished, step 60, ")
    assert (tmp_path / "healthy" / "rank0.jsonl").exists()


def test_a_demo_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    done = demo("nosuch", "--folder", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"trainmon: no demo 'nosuch'; there are: {', '.join(names())}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_help_tells_every_demo() -> None:
    told = demo("--help").stdout
    assert all(f"\n  {name} " in told for name in names())


def test_a_demo_on_a_terminal_is_watched_and_ends_with_the_screen(tmp_path: Path) -> None:
    arguments = ("demo", "healthy", "--folder", str(tmp_path), "--steps", "100000", "--pace", "50")
    with on_a_terminal(arguments) as seen:
        seen.wait_for(lambda screen: "healthy ▶ running" in screen and "╭ loss" in screen)
        seen.press("q")
        assert seen.end() == 0
        assert f"judge it with: trainmon check {tmp_path / 'healthy'}".encode() in seen.sent
    log = (tmp_path / "healthy" / "rank0.jsonl").read_bytes()
    assert log.endswith(b"\n")
