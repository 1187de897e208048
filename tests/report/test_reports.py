"""The judgement as text and as JSON: the bytes of one small run, and what must hold of any."""

from pathlib import Path

import orjson
import pytest

from trainmon.monitor import Monitor
from trainmon.report.json import as_json
from trainmon.report.text import as_text
from trainmon.store.batch import Record
from trainmon.view import View

RECORDS: list[Record] = [
    {"trainmon": 1, "run": "baseline", "time": 1e9, "config": {"lr": 0.001, "epochs": 3}},
    {"step": 1, "epoch": 0.5, "time": 1e9 + 1, "train/loss": 0.75},
    {"step": 2, "epoch": 1.0, "time": 1e9 + 2, "train/loss": 0.5},
    {"step": 3, "epoch": 1.5, "time": 1e9 + 3, "train/loss": "NaN"},
    {"event": "finish", "status": "finished", "time": 1e9 + 4},
]

GOLDEN = (Path(__file__).parent / "baseline.json").read_bytes()


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """Judge the run from its own folder, so that no path of this machine is in the output."""
    monkeypatch.chdir(tmp_path)
    lines = b"".join(orjson.dumps(record) + b"\n" for record in RECORDS)
    Path("logs").mkdir()
    Path("logs/rank0.jsonl").write_bytes(lines)
    return Monitor([Path("logs")]).read_all(now=2e9)


def test_the_json_of_a_small_run_is_this(view: View) -> None:
    assert as_json(view).encode() == GOLDEN


def test_the_json_is_one_line_of_strict_json(view: View) -> None:
    text = as_json(view)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    (run,) = orjson.loads(text)["runs"]
    assert run["findings"][0]["evidence"]["value"] == "NaN"


def test_a_step_that_no_integer_holds_stays_a_float(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"step": 1e300, "train/loss": NaN}\n' * 3)
    (run,) = orjson.loads(as_json(Monitor([path]).read_all(now=2e9)))["runs"]
    assert run["last_step"] == 1e300


def test_the_text_tells_verdict_cause_and_what_could_not_be_judged(view: View) -> None:
    lines = as_text(view).splitlines()
    assert lines[0] == "baseline  finished, step 3, 3 records, trainmon"
    assert "non-finite since step 3: train/loss is NaN" in lines[1]
    assert any("cause:" in line for line in lines)
    assert any(
        "not judged: loader-spikes needs data_time: for batch in log." in line for line in lines
    )


def test_what_is_in_order_is_listed_when_asked_for(view: View) -> None:
    assert "in order: loss-spike" in as_text(view, verbose=True)
    assert "in order" not in as_text(view)


def test_nothing_read_is_nothing_said() -> None:
    assert as_text(View(0, 0.0)) == ""
    assert orjson.loads(as_json(View(0, 0.0))) == {"version": 1, "runs": []}
