import inspect
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.integrations.logged import curve, events, lines_of, run_example
from trainmon.integrations.summary_writer import SummaryWriter

SCRIPT = """
import sys
from trainmon.integrations.summary_writer import SummaryWriter
writer = SummaryWriter(sys.argv[1])
writer.add_scalar("Loss/train", 0.5, 1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "baseline"


def run_script(folder: Path, last_line: str) -> None:
    command = [sys.executable, "-c", SCRIPT + last_line, str(folder)]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own code


def test_scalars_keep_their_tags_and_their_steps(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_scalar("Loss/train", 0.5, 10)
        writer.add_scalar("Loss/train", float("nan"), global_step=20)
    assert curve(lines_of(folder), "Loss/train") == [(10, 0.5), (20, "NaN")]


def test_several_scalars_of_one_tag_share_a_line(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_scalars("loss", {"train": 0.5, "val": 0.6}, 10)
    line = lines_of(folder)[1]
    assert (line["loss/train"], line["loss/val"], line["step"]) == (0.5, 0.6, 10)


def test_a_tag_counted_in_epochs_lands_on_the_step_that_the_training_stands_at(
    folder: Path,
) -> None:
    with SummaryWriter(folder) as writer:
        for epoch in range(3):
            for step in range(epoch * 100, epoch * 100 + 100):
                writer.add_scalar("train/loss", 0.5, step)
            writer.add_scalar("val/loss", 0.6, epoch)
    lines = lines_of(folder)
    assert [step for step, _ in curve(lines, "val/loss")] == [99, 199, 299]
    assert not events(lines, "note")


def test_a_tag_a_step_behind_another_does_not_take_the_run_back(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_scalar("train/loss", 0.5, 10)
        writer.add_scalar("val/loss", 0.6, 9)
        writer.add_scalar("train/loss", 0.4, 11)
    assert [line["step"] for line in lines_of(folder)[1:-1]] == [10, 10, 11]


def test_a_tag_that_falls_behind_itself_says_that_steps_are_done_anew(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        for step in (1, 2, 3, 2, 3):
            writer.add_scalar("train/loss", 0.5, step)
            writer.add_scalar("lr", 0.1, step)
    lines = lines_of(folder)
    assert [step for step, _ in curve(lines, "train/loss")] == [1, 2, 3, 2, 3]
    assert [step for step, _ in curve(lines, "lr")] == [1, 2, 3, 2, 3]


def test_an_epoch_counter_that_begins_anew_leaves_the_steps_alone(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        for step, epoch in ((100, 1), (200, 2), (300, 1)):
            writer.add_scalar("train/loss", 0.5, step)
            writer.add_scalar("val/loss", 0.6, epoch)
    assert [step for step, _ in curve(lines_of(folder), "val/loss")] == [100, 200, 300]


def test_hyperparameters_join_the_configuration_and_their_metrics_the_last_step(
    folder: Path,
) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_scalar("train/loss", 0.5, 7)
        writer.add_hparams({"lr": 3e-4, "bsize": 32}, {"hparam/accuracy": 0.9})
    lines = lines_of(folder)
    assert events(lines, "config")[0]["config"] == {"lr": 3e-4, "bsize": 32}
    assert curve(lines, "hparam/accuracy") == [(7, 0.9)]


def test_texts_are_notes(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_text("remark", "lowered lr by hand", 5)
    (note,) = events(lines_of(folder), "note")
    assert (note["tag"], note["text"], note["step"]) == ("remark", "lowered lr by hand", 5)


def test_what_is_no_number_is_accepted_and_told_once(folder: Path) -> None:
    stderr = StringIO()
    with SummaryWriter(folder, stderr=stderr) as writer:
        writer.add_histogram("weights", [1.0, 2.0], 1, bins="auto")
        writer.add_graph(object())
        writer.add_something_that_a_later_version_has(1, 2, 3)
    assert len(lines_of(folder)) == 2
    assert stderr.getvalue().count("\n") == 1
    assert "add_histogram() is ignored" in stderr.getvalue()


def test_only_what_begins_with_add_is_accepted_unseen(folder: Path) -> None:
    with SummaryWriter(folder) as writer, pytest.raises(AttributeError, match="no attribute 'lod'"):
        writer.lod  # noqa: B018 - reading it is the test


def test_bad_values_and_bad_steps_never_raise(folder: Path) -> None:
    with SummaryWriter(folder, stderr=StringIO()) as writer:
        writer.add_scalar("loss", "no number", 1)
        writer.add_scalar("loss", 0.5, object())  # type: ignore[arg-type]  # as scripts do
        writer.add_scalars("loss", 3, 2)  # type: ignore[arg-type]  # likewise
        writer.add_hparams(3, 4)  # type: ignore[arg-type]  # likewise
        writer.add_scalar("loss", 0.4, 2)
    assert (2, 0.4) in curve(lines_of(folder), "loss")


def test_purging_resumes_the_run_from_that_step(folder: Path) -> None:
    with SummaryWriter(folder) as writer:
        writer.add_scalar("loss", 0.5, 100)
    with SummaryWriter(folder, purge_step=50) as writer:
        writer.add_scalar("loss", 0.6, 50)
    lines = lines_of(folder)
    assert [line["attempt"] for line in lines if "trainmon" in line] == [0, 1]
    assert events(lines, "resume")[0]["step"] == 50


def test_without_a_folder_the_run_is_where_tensorboard_would_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="-lr3e-4") as writer:
        assert writer.get_logdir() == writer.log_dir == writer.log.folder
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-lr3e-4")


def test_an_exception_that_leaves_the_block_is_logged(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), SummaryWriter(folder):
        1 / 0  # noqa: B018 - a training that fails
    assert lines_of(folder)[-1]["type"] == "ZeroDivisionError"


def test_an_exception_that_ends_the_script_is_logged_though_nobody_closed(folder: Path) -> None:
    run_script(folder, "1 / 0")
    last = lines_of(folder)[-1]
    assert (last["event"], last["type"]) == ("exception", "ZeroDivisionError")


def test_a_script_that_never_closes_has_finished_its_run_when_it_ends(folder: Path) -> None:
    run_script(folder, "")
    assert lines_of(folder)[-1]["status"] == "finished"


def test_a_forked_child_does_not_end_its_parents_run(folder: Path) -> None:
    run_script(
        folder, "import os\nif os.fork(): os.wait(); writer.add_scalar('Loss/train', 0.4, 2)"
    )
    assert [line.get("event") for line in lines_of(folder)[1:]] == [None, None, "finish"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TensorBoard's own imports
def test_every_method_takes_the_arguments_of_tensorboards() -> None:
    from torch.utils.tensorboard import SummaryWriter as TensorBoards  # noqa: PLC0415 - 2 s

    own = [name for name in vars(SummaryWriter) if not name.startswith("_")]
    for name in ["__init__", *(name for name in own if hasattr(TensorBoards, name))]:
        theirs = list(inspect.signature(getattr(TensorBoards, name)).parameters)
        ours = list(inspect.signature(getattr(SummaryWriter, name)).parameters)
        assert ours[: len(theirs)] == theirs, name


def test_the_example_runs_and_its_log_is_judged(tmp_path: Path) -> None:
    run = run_example("summary_writer.py", tmp_path / "digits")
    assert (run["status"], run["last_step"], run["format"]) == ("finished", 220, "trainmon")
    assert not [f for f in run["findings"] if f["severity"] != "info"]
