"""Nothing that a log holds reaches the terminal as it is, and nothing in a folder hangs us."""

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from trainmon.store.batch import Record

SOURCES = Path(__file__).parent.parent / "src"

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\x00\r\b\u202e\u2066\u200b\ue0001[bold red]"
ACTION = "[@click=app.quit]x"

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffe]")
"""Every control character but newline, and what reorders or hides text."""

TIMEOUT = 30
"""Seconds: a check of these logs takes half of one."""

HOSTILE: list[Record] = [
    {
        "trainmon": 1,
        "run": f"run{ESCAPES}\nsecond line",
        "host": ESCAPES,
        "pid": 2**62,
        "time": 1e9,
        "config": {ESCAPES: ESCAPES, "monitor": f"{ESCAPES}f1", "num_workers": "nan", "lr": -1.0},
    },
    *(
        {
            "step": step,
            "time": 1e9 + step,
            "train/loss": 1.0 if step < 40 else "NaN",
            f"train/loss/{ESCAPES}": "NaN",
            f"val/{ESCAPES}f1": 0.9 if step < 30 else 0.0,
            f"val/{ACTION}/auroc": 0.9,
            "data_time": 0.5 if step % 9 == 8 else 0.001,
            f"sys/{ESCAPES}/util": 0.5,
        }
        for step in range(60)
    ),
    {"event": "phase", "name": ESCAPES},
    {"event": ESCAPES, "text": ESCAPES},
    {"event": "exception", "type": ESCAPES, "message": ESCAPES, "traceback": f"a\n{ESCAPES}"},
]


def _write(path: Path, records: list[Record]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


def _check(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, which a hang cannot outlast."""
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", "trainmon", "check", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )


def _assert_harmless(done: subprocess.CompletedProcess[bytes]) -> str:
    shown = done.stdout.decode() + done.stderr.decode()
    assert not FORBIDDEN.findall(shown)
    assert "Traceback" not in done.stderr.decode()
    return shown


@pytest.mark.parametrize("form", [["-v"], ["--json"]], ids=["text", "json"])
def test_escape_codes_in_a_log_never_reach_the_terminal(form: list[str], tmp_path: Path) -> None:
    done = _check(*form, _write(tmp_path / "rank0.jsonl", HOSTILE))
    shown = _assert_harmless(done)
    assert done.returncode == 1
    assert "non-finite" in shown
    assert "owned" in shown, "names stay readable"


def test_a_name_of_two_lines_does_not_make_a_line_of_its_own(tmp_path: Path) -> None:
    lines = _check(_write(tmp_path / "rank0.jsonl", HOSTILE)).stdout.decode().splitlines()
    assert not any(line.startswith("second line") for line in lines)


@pytest.mark.parametrize("form", ["text", "json"])
def test_escape_codes_in_file_names_never_reach_the_terminal(form: str, tmp_path: Path) -> None:
    folder = tmp_path / f"logs{ESCAPES}".replace("\x00", "")
    folder.mkdir()
    _write(folder / "metrics\x1b[2J\x9b.jsonl", HOSTILE[1:])
    (folder / "other\x1b[2J.txt").write_text("no log\n" * 100)
    missing = folder / "missing\x1b[2J"
    _assert_harmless(_check(*(["--json"] if form == "json" else []), folder, missing))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_name_that_is_no_utf_8_is_shown_all_the_same(form: str, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/run\xff\xfe.jsonl"
    with open(path, "wb") as file:  # noqa: PTH123 - the name is no text
        file.write(b"".join(orjson.dumps(record) + b"\n" for record in HOSTILE[1:]))
    done = _check(*(["--json"] if form == "json" else []), tmp_path)
    assert "non-finite" in _assert_harmless(done)


def test_a_line_of_five_megabytes_is_skipped_with_a_notice(tmp_path: Path) -> None:
    path = _write(tmp_path / "rank0.jsonl", HOSTILE[:3])
    with path.open("ab") as file:
        file.write(b'{"note": "' + b"x" * 5_000_000 + b'"}\n' + orjson.dumps(HOSTILE[3]) + b"\n")
    done = _check("--json", path)
    (run,) = orjson.loads(done.stdout)["runs"]
    assert run["records"] == 3
    assert b"skipped lines of over 1 MiB: 1" in done.stderr


def test_a_first_line_that_is_too_long_is_skipped_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"x" * 1_500_000 + b"\n" + b'{"step": 1, "loss": 2.0}\n' * 9)
    done = _check(tmp_path)
    assert done.returncode == 0
    assert "skipped lines of over 1 MiB: 1" in done.stdout.decode()


def test_a_binary_file_beside_a_run_is_left_alone_and_the_run_is_judged(tmp_path: Path) -> None:
    _write(tmp_path / "rank0.jsonl", HOSTILE)
    other = tmp_path / "other"
    other.mkdir()
    (other / "weights.bin").write_bytes(bytes(range(256)) * 20_000)
    shown = _assert_harmless(_check(tmp_path))
    assert "weights.bin" not in shown
    assert "non-finite" in shown


def test_a_binary_file_that_was_asked_for_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(bytes(range(256)) * 20_000)
    done = _check(path)
    assert done.returncode == 2
    assert "no format recognises it" in _assert_harmless(done)


def test_a_fifo_in_the_folder_hangs_nothing_and_is_told(tmp_path: Path) -> None:
    _write(tmp_path / "rank0.jsonl", HOSTILE)
    os.mkfifo(tmp_path / "rank1.jsonl")
    shown = _assert_harmless(_check(tmp_path))
    assert "FIFO" in shown
    assert "non-finite" in shown


def test_a_device_without_end_is_refused() -> None:
    done = _check("/dev/zero")
    assert done.returncode == 2
    assert "character device" in _assert_harmless(done)


def test_lines_that_nest_without_end_are_skipped(tmp_path: Path) -> None:
    path = _write(tmp_path / "rank0.jsonl", HOSTILE)
    with path.open("ab") as file:
        file.write(b'{"event": "note", "a": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}\n")
        file.write(b'{"a": ' * 100_000 + b"\n")
    assert "non-finite" in _assert_harmless(_check(path))


def test_numbers_beyond_all_bounds_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    lines = [b'{"trainmon": 1, "config": {"epochs": 1e999, "lr": 1e-320, "num_workers": "inf"}}']
    lines += [
        b'{"step": %d, "train/loss": 1e308, "val/loss": -1e308, "lr": 1e-320}' % n
        for n in range(99)
    ]
    lines += [
        b'{"step": 1e400, "epoch": -1e308, "time": 1e308, "train/loss": 123%s}' % (b"0" * 400)
    ]
    path.write_bytes(b"\n".join([*lines, b""]))
    assert _check("--json", path).returncode in {0, 1}
