"""How a process stands, from the kernel's own line."""

import os
from pathlib import Path

from trainmon.probes.stat import Stat, read_stat


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    line = "7 (py) D (thon) D 1 7 7 0 -1 4194304 100 0 42 0 5 1 0 0 20 0 1 0 123 0 0"
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text(line)
    assert read_stat(7, tmp_path) == Stat("D", 42.0)


def test_what_is_gone_or_tells_nothing_is_none(tmp_path: Path) -> None:
    assert read_stat(7, tmp_path) is None
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text("7 (python)")
    assert read_stat(7, tmp_path) is None


def test_this_process_runs() -> None:
    own = read_stat(os.getpid())
    assert own is None or own.state == "R"
