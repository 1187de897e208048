import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from tests.cli.on_a_terminal import PATIENCE, SOURCES, on_a_terminal
from trainmon.cli import main
from trainmon.cli.watch import usual_paths
from trainmon.errors import ReadError
from trainmon.writer import Writer

BREAKS = """
import sys
from trainmon import Writer

with Writer(sys.argv[1], config={"lr": 0.1, "total_steps": 1000}) as log:
    for step, command in enumerate(sys.stdin, start=1):
        log.log({"train/loss": float(command), "grad_norm": 1.0, "lr": 0.1}, step=step)
"""
"""A training whose losses are given to it, a line for each step."""


@contextmanager
def training(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a training in a process of its own, with the real writer."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", BREAKS, str(folder)],
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        stdin=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process


def log_losses(process: "subprocess.Popen[str]", *losses: float) -> None:
    assert process.stdin is not None
    process.stdin.writelines(f"{loss}\n" for loss in losses)
    process.stdin.flush()


def piped(*arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the command as if it were piped into another."""
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", "trainmon", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SOURCES), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        cwd=cwd,
    )


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """Return a folder with a run that ended with a loss that is no number."""
    with Writer(tmp_path / "logs" / "finished") as log:
        for step in range(1, 41):
            log.log({"train/loss": 1.0 if step < 30 else float("nan")}, step=step)
    return tmp_path / "logs"


def test_a_training_that_breaks_is_told_on_the_screen_while_it_runs(tmp_path: Path) -> None:
    with training(tmp_path / "logs" / "run") as process, on_a_terminal(["watch", tmp_path]) as seen:
        log_losses(process, *[1.0] * 30)
        seen.wait_for(lambda screen: "step 30" in screen)
        assert "non-finite" not in seen.screen.text()
        log_losses(process, float("nan"))
        screen = seen.wait_for(lambda screen: "● non-finite" in screen)
        assert "train/loss is NaN" in screen


def test_the_cells_that_were_sent_one_by_one_make_the_whole_screen(tmp_path: Path) -> None:
    with training(tmp_path / "logs" / "run") as process, on_a_terminal(["watch", tmp_path]) as seen:
        for step in range(1, 9):
            log_losses(process, 8.0 / step)
            seen.wait_for(shows(f"step {step} "))
        before = seen.whole_frame()
        seen.press("?")
        seen.wait_for(lambda screen: "quit; the training goes on" in screen)
        seen.press("\x1b")
        seen.wait_for(lambda screen: "quit; the training goes on" not in screen)
        assert without_what_ages(seen.whole_frame()) == without_what_ages(before)


def shows(words: str) -> Callable[[str], bool]:
    return lambda screen: words in screen


def without_what_ages(screen: str) -> str:
    """Return the screen without the header and without the load of the machine."""
    return re.sub(r"(GPU|CPU|RAM)[^│]*", "", "\n".join(screen.splitlines()[1:]))


def test_q_ends_it_and_leaves_the_terminal_as_it_was(finished: Path) -> None:
    with on_a_terminal(["watch", finished]) as seen:
        before = seen.modes
        seen.wait_for(lambda screen: "non-finite" in screen)
        assert seen.modes != before
        assert seen.sent.index(b"opening ...") < seen.sent.index(b"non-finite")
        assert b"\x1b[?1049h" in seen.sent
        seen.press("q")
        assert seen.end() == 0
        assert seen.sent.rfind(b"\x1b[?1049l") > seen.sent.rfind(b"\x1b[?1049h")
        assert seen.sent.rfind(b"\x1b[?25h") > seen.sent.rfind(b"\x1b[?25l")
        assert seen.modes == before


def test_charts_are_pictures_where_they_are_asked_for_and_the_terminal_answers(
    finished: Path,
) -> None:
    arguments: list[str | Path] = ["watch", finished, "--glyphs", "pixels"]
    with on_a_terminal(arguments, COLORTERM="truecolor", NO_COLOR="") as seen:
        seen.press("\x1b[?62;4c")  # the answer of a terminal that has sixel
        seen.wait_for(lambda _: b"\x1bP0;0;0q" in seen.sent)
        seen.press("q")
        assert seen.end() == 0


def test_without_pictures_charts_are_braille_and_it_is_told_why(finished: Path) -> None:
    with on_a_terminal(["watch", finished, "--glyphs", "pixels"], NO_COLOR="1") as seen:
        assert re.search("[\u2801-\u28ff]", seen.wait_for(lambda text: "NO_COLOR" in text))
        seen.press("q")
        assert seen.end() == 0


@pytest.mark.parametrize(("asked", "coloured"), [("1", False), ("", True)])
def test_no_color_sends_no_colour_at_all(finished: Path, asked: str, *, coloured: bool) -> None:
    with on_a_terminal(["watch", finished], NO_COLOR=asked, COLORTERM="truecolor") as seen:
        seen.wait_for(lambda screen: "● non-finite" in screen)
        seen.press("q")
        assert seen.end() == 0
    styles = re.findall(rb"\x1b\[([0-9;]*)m", seen.sent)
    told = [style for style in styles if re.search(rb"(^|;)([349][0-8]|10[0-7])(;|$)", style)]
    assert bool(told) is coloured


def test_a_dumb_terminal_gets_plain_lines(finished: Path) -> None:
    with on_a_terminal(["watch", finished], TERM="dumb") as seen:
        assert seen.end() == 0
        assert b"\x1b" not in seen.sent
        assert b"finished: finished, step 40, 40 records" in seen.sent


def test_a_pipe_gets_plain_lines_until_all_runs_have_ended(finished: Path) -> None:
    done = piped("watch", finished)
    what = "train/loss is NaN; nothing announced it, 11 records so far"
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"finished: ● non-finite since step 30: {what}",
        "finished: finished, step 40, 40 records",
    ]


def test_each_decision_of_what_is_watched_is_recorded(finished: Path, tmp_path: Path) -> None:
    file = tmp_path / "incidents.jsonl"
    assert piped("watch", finished, "--record", file).returncode == 0
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    kinds = [line["kind"] for line in lines if line["rule"] == "non-finite"]
    assert kinds[0] == "opened"
    assert {line["run"] for line in lines} == {"finished"}


def test_without_a_path_the_usual_folders_are_watched(finished: Path) -> None:
    done = piped("watch", cwd=finished.parent)
    assert done.returncode == 0
    assert "non-finite" in done.stdout


def test_without_a_path_and_a_usual_folder_there_is_one_line_with_a_hint(tmp_path: Path) -> None:
    done = piped("watch", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "trainmon: there is no logs/, runs/, lightning_logs/ here "
        "(name a path: trainmon watch PATH)\n"
    )


def test_a_theme_that_is_not_there_is_told_before_the_screen_opens(finished: Path) -> None:
    with on_a_terminal(["watch", finished, "--theme", "nosuch"]) as seen:
        assert seen.end() == 2
        assert b"no theme 'nosuch'; there are: contrast, dark, " in seen.sent
        assert b"\x1b[?1049h" not in seen.sent


def test_all_usual_folders_that_there_are_are_taken(tmp_path: Path) -> None:
    for name in ("runs", "logs", "other"):
        (tmp_path / name).mkdir()
    assert usual_paths(tmp_path) == [tmp_path / "logs", tmp_path / "runs"]


def test_a_file_of_a_usual_name_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(ReadError, match="name a path"):
        usual_paths(tmp_path)


def test_a_pipe_is_refused_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "-"]) == 2
    assert "cat LOG | trainmon check -" in capsys.readouterr().err


def test_a_screen_whose_terminal_is_gone_ends(tmp_path: Path) -> None:
    with Writer(tmp_path / "run") as log:
        log.log({"train/loss": 1.0}, step=1)
    with on_a_terminal(["watch", tmp_path]) as session:
        session.wait_for(lambda screen: "loss" in screen)
        assert session.hang_up() == 0


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return the folder of a run of some steps."""
    with Writer(tmp_path / "logs" / "run") as log:
        for step in range(30):
            log.log({"train/loss": 1 / (1 + step)}, step=step)
    return tmp_path / "logs"


def test_once_prints_one_frame_as_text_as_wide_as_the_terminal(logs: Path) -> None:
    told = piped("watch", "--once", logs)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].startswith(" trainmon  run")
    assert any("╭ loss" in line for line in lines)
    assert "\x1b" not in told.stdout


def test_a_screenshot_is_a_picture_of_the_page_that_was_asked_for(
    logs: Path, tmp_path: Path
) -> None:
    file = tmp_path / "run.svg"
    assert main(["watch", str(logs), "--screenshot", str(file), "--theme", "light"]) == 0
    assert file.read_text(encoding="utf-8").startswith("<svg")


def test_a_screenshot_that_is_no_svg_is_refused(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", str(logs), "--screenshot", "run.png"]) == 2
    assert "'run.png' is no .svg file (--screenshot run.svg)" in capsys.readouterr().err


def test_once_on_a_path_that_does_not_exist_says_so_and_returns_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["watch", "--once", "nosuch"]) == 2
    assert capsys.readouterr().err == "trainmon: 'nosuch' does not exist\n"
