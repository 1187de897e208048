from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from tests.integrations.logged import curve, events, lines_of, run_example
from trainmon.errors import WriterError
from trainmon.integrations.accelerate import TrainmonTracker
from trainmon.writer import Writer


@pytest.fixture(autouse=True)
def state_of_its_own() -> Iterator[None]:
    """Accelerate keeps what the first Accelerator was told for all that follow."""
    reset = AcceleratorState._reset_state  # noqa: SLF001 - as accelerate's own tests do
    reset(reset_partial_state=True)
    yield
    reset(reset_partial_state=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "baseline"


def test_what_the_accelerator_logs_reaches_the_run_with_its_steps(folder: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(folder))
    accelerator.init_trackers("digits")
    accelerator.log({"train/loss": 0.5, "epoch": 1}, step=10)
    accelerator.log({"val/loss": torch.tensor(0.25)}, step=20)
    accelerator.end_training()
    lines = lines_of(folder)
    assert curve(lines, "train/loss") == [(10, 0.5)]
    assert lines[1]["epoch"] == 1
    assert curve(lines, "val/loss") == [(20, 0.25)]
    assert lines[-1]["status"] == "finished"


def test_the_header_tells_the_configuration_and_what_accelerate_decides(folder: Path) -> None:
    tracker = TrainmonTracker(folder)
    accelerator = Accelerator(cpu=True, log_with=tracker, gradient_accumulation_steps=4)
    accelerator.init_trackers("digits", config={"lr": 3e-4, "batch_size": 64})
    accelerator.end_training()
    config = lines_of(folder)[0]["config"]
    assert config["lr"] == 3e-4
    assert config["batch_size"] == 64
    assert (config["accum"], config["precision"], config["world_size"]) == (4, "fp32", 1)


def test_a_configuration_that_comes_late_is_an_event(folder: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(folder))
    accelerator.init_trackers("digits")
    accelerator.log({"loss": 0.5}, step=1)
    accelerator.trackers[0].store_init_configuration({"lr": 3e-4})
    accelerator.end_training()
    assert events(lines_of(folder), "config")[0]["config"] == {"lr": 3e-4}


def test_the_epoch_may_come_as_an_argument_of_the_tracker(folder: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(folder))
    accelerator.init_trackers("digits")
    accelerator.log({"loss": 0.5}, step=1, log_kwargs={"trainmon": {"epoch": 3, "tags": ["a"]}})
    accelerator.end_training()
    assert lines_of(folder)[1]["epoch"] == 3


def test_the_accelerator_hands_out_the_writer_itself(folder: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(folder))
    accelerator.init_trackers("digits")
    log = accelerator.get_tracker("trainmon", unwrap=True)
    assert isinstance(log, Writer)
    log.event("note", text="warm-up is over", step=5)
    accelerator.end_training()
    assert events(lines_of(folder), "note")[0]["text"] == "warm-up is over"


def test_nothing_is_written_before_something_is_logged(folder: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(folder))
    accelerator.init_trackers("digits")
    accelerator.end_training()
    assert not folder.exists()


def test_the_options_of_the_writer_are_its_options(folder: Path) -> None:
    stderr = StringIO()
    tracker = TrainmonTracker(folder, run="the baseline", rank=2, world_size=4, stderr=stderr)
    accelerator = Accelerator(cpu=True, log_with=tracker)
    accelerator.init_trackers("digits")
    accelerator.log({"loss": "no number"}, step=1)
    accelerator.end_training()
    header = lines_of(folder, rank=2)[0]
    assert (header["run"], header["world_size"]) == ("the baseline", 4)
    assert "'loss' is left out" in stderr.getvalue()


def test_a_folder_that_cannot_be_written_to_is_told_when_the_first_thing_is_logged(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    tracker = TrainmonTracker(tmp_path / "file" / "run")
    accelerator = Accelerator(cpu=True, log_with=tracker)
    with pytest.raises(WriterError, match="a part of the path is a file"):
        accelerator.init_trackers("digits", config={"lr": 3e-4})


def test_the_example_runs_and_its_log_is_judged(tmp_path: Path) -> None:
    run = run_example("accelerate_loop.py", tmp_path / "digits")
    assert (run["status"], run["last_step"], run["format"]) == ("finished", 220, "trainmon")
    assert not [f for f in run["findings"] if f["severity"] != "info"]
