"""The writer as a training script uses it."""

import copy
import io
import pickle
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer

Read = Callable[[Path], list[dict[str, Any]]]


def test_a_file_begins_with_a_header(folder: Path, read: Read) -> None:
    with Writer(folder, config={"lr": 3e-4}, clock=lambda: 100.0):
        header = read(folder / "rank0.jsonl")[0]
    assert header.pop("pid") > 0
    assert all(header.pop(name) for name in ("host", "command", "versions"))
    header.pop("commit", None)  # the tests may run outside of a repository
    assert header == {
        "trainmon": 1,
        "run": "baseline",
        "time": 100.0,
        "config": {"lr": 3e-4},
        "rank": 0,
        "world_size": 1,
        "attempt": 0,
    }


def test_a_logged_step_is_in_the_file_at_once(folder: Path, read: Read) -> None:
    clock = count(100.0).__next__
    log = Writer(folder, clock=clock)
    log.log({"train/loss": 1.25, "lr": 3e-4}, step=10, epoch=0.2)
    assert read(folder / "rank0.jsonl")[1:] == [
        {"step": 10, "epoch": 0.2, "time": 101.0, "train/loss": 1.25, "lr": 3e-4}
    ]


def test_metrics_may_be_keywords(folder: Path, read: Read) -> None:
    with Writer(folder, clock=lambda: 1.0) as log:
        log.log({"lr": 0.5}, step=1, loss=2.0)
        log.log(step=2, loss=1.0)
    assert read(folder / "rank0.jsonl")[1:3] == [
        {"step": 1, "time": 1.0, "lr": 0.5, "loss": 2.0},
        {"step": 2, "time": 1.0, "loss": 1.0},
    ]


def test_a_step_that_goes_back_is_kept_and_marked(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        log.log({"loss": 1.0}, step=9)
        log.log({"loss": 2.0}, step=3)
    first, mark, second, _ = read(folder / "rank0.jsonl")[1:]
    assert (first["step"], second["step"]) == (9, 3)
    assert (mark["event"], mark["kind"], mark["step"]) == ("note", "step-back", 3)


def test_steps_counted_within_epochs_go_back_unmarked(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        for epoch in range(3):
            for step in range(4):
                log.log({"loss": 1.0}, step=step, epoch=epoch)
    lines = read(folder / "rank0.jsonl")[1:-1]
    assert [line["step"] for line in lines] == [0, 1, 2, 3] * 3


def test_a_script_that_goes_back_all_the_time_is_told_so_some_times(
    folder: Path, read: Read
) -> None:
    with Writer(folder) as log:
        for turn in range(100):
            log.log({"loss": 1.0}, step=turn * 10)
            log.log({"val/loss": 1.0}, step=turn // 10)
    assert sum("event" in line for line in read(folder / "rank0.jsonl")) < 30


@pytest.mark.parametrize("step", ["last", [3], object(), float("nan")])
def test_what_is_no_step_is_left_out_and_its_line_kept(
    folder: Path, read: Read, step: object
) -> None:
    with Writer(folder) as log:
        log.log({"loss": 1.0}, step=9)
        log.log({"loss": 2.0}, step=step)  # type: ignore[arg-type]  # wrong on purpose
    line = read(folder / "rank0.jsonl")[2]
    assert line["loss"] == 2.0
    assert log.dropped == 0


def test_a_line_without_a_step_is_kept(folder: Path, read: Read) -> None:
    with Writer(folder) as log:
        log.log({"loss": 3.0})
    assert read(folder / "rank0.jsonl")[1].keys() == {"loss", "time"}


def test_an_event_keeps_fields_of_any_type(folder: Path, read: Read) -> None:
    with Writer(folder, clock=lambda: 5.0) as log:
        log.event("checkpoint", step=500, path=Path("best.pt"), value=float("inf"), shares=(1, 2))
    assert read(folder / "rank0.jsonl")[1] == {
        "event": "checkpoint",
        "step": 500,
        "time": 5.0,
        "path": "best.pt",
        "value": "Infinity",
        "shares": [1, 2],
    }


def test_a_clean_exit_finishes_the_run_once(folder: Path, read: Read) -> None:
    with Writer(folder, clock=lambda: 7.0) as log:
        log.finish()
        log.finish()
    assert read(folder / "rank0.jsonl")[1:] == [
        {"event": "finish", "time": 7.0, "status": "finished"}
    ]


def test_a_writer_that_nobody_closes_leaves_its_lines_and_no_finish(
    folder: Path, read: Read
) -> None:
    log = Writer(folder)
    log.log({"loss": 1.0}, step=1)
    del log
    assert [line.get("event") for line in read(folder / "rank0.jsonl")] == [None, None]


def test_a_crash_is_recorded_with_its_traceback_and_goes_on_to_the_user(
    folder: Path, read: Read
) -> None:
    with pytest.raises(RuntimeError, match="out of memory"), Writer(folder):
        raise RuntimeError("CUDA out of memory" + "!" * 100_000)
    crash = read(folder / "rank0.jsonl")[-1]
    assert crash["event"] == "exception"
    assert crash["type"] == "RuntimeError"
    assert crash["message"].startswith("CUDA out of memory!")
    assert len(crash["message"]) + len(crash["traceback"]) < 30_000


def test_an_exception_that_cannot_be_told_is_recorded_all_the_same(
    folder: Path, read: Read
) -> None:
    class Silent(Exception):  # noqa: N818 - its text is what matters
        def __str__(self) -> str:
            raise ValueError

    with pytest.raises(Silent), Writer(folder):
        raise Silent
    assert read(folder / "rank0.jsonl")[-1]["message"] == "<exception str() failed>"


def test_a_crash_does_not_reveal_the_password_of_an_address(folder: Path, read: Read) -> None:
    with pytest.raises(OSError, match="1234"), Writer(folder):
        raise OSError("401 for https://me:1234@host/data")
    event = read(folder / "rank0.jsonl")[-1]
    assert event["message"] == "401 for https://me:***@host/data"
    assert "1234@" not in event["traceback"]


def test_a_traceback_names_the_line_that_failed(folder: Path, read: Read) -> None:
    with pytest.raises(ZeroDivisionError), Writer(folder):
        _ = 1 / int("0")
    crash = read(folder / "rank0.jsonl")[-1]
    assert 'int("0")' in crash["traceback"]
    assert crash["traceback"].endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (KeyboardInterrupt(), {"event": "stop", "time": 1.0, "why": "interrupted"}),
        (SystemExit("no data"), {"event": "stop", "time": 1.0, "why": "exit no data"}),
        (SystemExit(0), {"event": "finish", "time": 1.0, "status": "finished"}),
    ],
)
def test_an_interruption_is_a_stop_and_no_crash(
    folder: Path, read: Read, error: BaseException, last: dict[str, object]
) -> None:
    with pytest.raises(type(error)), Writer(folder, clock=lambda: 1.0):
        raise error
    assert read(folder / "rank0.jsonl")[-1] == last


def test_logging_after_the_end_is_counted_and_told_once(folder: Path, read: Read) -> None:
    stderr = io.StringIO()
    log = Writer(folder, stderr=stderr)
    log.finish()
    log.log({"loss": 1.0}, step=1)
    log.event("note", text="too late")
    assert log.dropped == 2
    assert stderr.getvalue().count("\n") == 1
    assert "the writer is finished" in stderr.getvalue()
    assert len(read(folder / "rank0.jsonl")) == 2


def test_a_call_that_makes_no_sense_does_not_reach_the_training(folder: Path) -> None:
    stderr = io.StringIO()
    log = Writer(folder, stderr=stderr)
    log.log([1.0, 2.0], step=1)  # type: ignore[arg-type]  # that is the point
    log.log(0.5)  # type: ignore[arg-type]  # likewise
    assert log.dropped == 2
    assert "log() takes a mapping of names to numbers, not a list" in stderr.getvalue()


def test_a_broken_stderr_does_not_reach_the_training(folder: Path) -> None:
    stderr = io.StringIO()
    log = Writer(folder, stderr=stderr)
    stderr.close()
    log.log({"loss": "high"}, step=1)
    assert log.left_out == 1


def test_a_copied_trainer_goes_on_logging_to_the_same_run(folder: Path) -> None:
    log = Writer(folder)
    assert copy.deepcopy({"log": log})["log"] is log
    assert copy.copy(log) is log


def test_a_writer_does_not_travel_to_another_process(folder: Path) -> None:
    with pytest.raises(TypeError, match="make one in each process"):
        pickle.dumps(Writer(folder))
