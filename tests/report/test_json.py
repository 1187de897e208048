"""The judgement as JSON: the bytes of one small run, and what must hold of any."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.report.judged import BASELINE, CAUSE, judged, with_run
from trainmon.incidents import Regard
from trainmon.report.json import as_json
from trainmon.view import View

GOLDEN = (Path(__file__).parent / "baseline.json").read_bytes()


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """Judge the run from its own folder, so that no path of this machine is in the output."""
    monkeypatch.chdir(tmp_path)
    view = judged(Path("logs/rank0.jsonl"), BASELINE)
    return with_run(view, replace(view.runs[0], diagnosis=(CAUSE,)))


def test_the_json_of_a_small_run_is_this(view: View) -> None:
    assert as_json(view).encode() == GOLDEN


def test_the_json_is_one_line_of_strict_json(view: View) -> None:
    text = as_json(view)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    (run,) = orjson.loads(text)["runs"]
    assert run["findings"][0]["evidence"]["value"] == "NaN"


def test_what_a_person_said_of_a_finding_adds_no_key(view: View) -> None:
    run = view.runs[0]
    muted = tuple(replace(finding, regard=Regard.MUTED) for finding in run.findings)
    assert as_json(with_run(view, replace(run, findings=muted))).encode() == GOLDEN


def test_a_step_that_no_integer_holds_stays_a_float(tmp_path: Path) -> None:
    view = judged(tmp_path / "log.jsonl", [{"step": 1e300, "train/loss": "NaN"}] * 3)
    (run,) = orjson.loads(as_json(view))["runs"]
    assert run["last_step"] == 1e300


def test_nothing_read_is_no_run() -> None:
    assert orjson.loads(as_json(View(0, 0.0))) == {"version": 1, "runs": []}
