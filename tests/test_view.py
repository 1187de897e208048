"""What a view says of a run: last places, the worst finding, findings at a level."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import orjson
import pytest

from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView, View


def _view(path: Path, records: list[Record]) -> View:
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return Monitor([path]).read_all(now=2e9)


@pytest.fixture
def run(tmp_path: Path) -> RunView:
    """Return a run with an open error, and an info that is over."""
    records: list[Record] = [{"trainmon": 1, "run": "baseline"}]
    for step in range(20):
        record = {"step": step, "epoch": step / 10, "time": 1e9 + step, "train/loss": 1.0}
        records.append(record | ({"train/loss": "NaN"} if step > 15 else {}))
    records += [{"step": 20, "val/loss": "Infinity"}, {"step": 21, "val/loss": 1.0}]
    return _view(tmp_path / "rank0.jsonl", records).runs[0]


def test_last_places_are_those_of_the_last_records_that_tell_them(run: RunView) -> None:
    assert (run.last_step, run.last_epoch, run.last_time) == (21, 1.9, 1e9 + 19)


def test_a_log_without_places_tells_none(tmp_path: Path) -> None:
    (run,) = _view(tmp_path / "log.jsonl", [{"loss": 1.0}] * 3).runs
    assert (run.last_step, run.last_epoch, run.last_time) == (None, None, None)


def test_the_worst_finding_is_an_open_one(run: RunView) -> None:
    assert run.worst is not None
    assert (run.worst.metric, run.worst.severity) == ("train/loss", Severity.ERROR)


def test_findings_at_a_level_are_those_that_reached_it(run: RunView) -> None:
    assert len(run.findings_at(Severity.INFO)) == 2
    assert len(run.findings_at(Severity.WARNING)) == 1


def test_a_run_is_found_by_its_key(tmp_path: Path) -> None:
    view = _view(tmp_path / "log.jsonl", [{"loss": 1.0}] * 3)
    assert view.run(view.runs[0].key) is view.runs[0]
    assert view.run("another") is None


def test_a_view_cannot_be_changed(run: RunView) -> None:
    for name in ("name", "findings"):
        with pytest.raises(FrozenInstanceError):
            setattr(run, name, ())


def test_runs_of_one_name_in_one_folder_are_called_as_their_folders_are(tmp_path: Path) -> None:
    for folder in ("first", "second", "other/third"):
        (tmp_path / folder).mkdir(parents=True)
        _view(tmp_path / folder / "rank0.jsonl", [{"trainmon": 1, "run": "run"}, {"loss": 1.0}])
    names = {run.name for run in Monitor([tmp_path]).read_all(now=2e9).runs}
    assert names == {"first", "second", "other/run"}
