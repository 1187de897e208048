"""What a person says of findings: it holds as long as it should, and it is remembered."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from trainmon.attention import LIMIT, Attention, Remembered, attended, attention_path
from trainmon.incidents import Incident, Regard
from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.rules import load
from trainmon.store.batch import Record
from trainmon.view import RunView, View

ACKNOWLEDGED, MUTED, NONE = Regard.ACKNOWLEDGED, Regard.MUTED, Regard.NONE
RULES = [load(name) for name in ("loss-spike", "metric-collapse", "non-finite")]


def _records(start: float = 1e9) -> list[Record]:
    """Return a log with an error, a warning and an info, all open."""
    records: list[Record] = []
    for step in range(60):
        place = {"step": step, "time": start + step}
        loss: float | str = "NaN" if step > 50 else 1.0 + 0.01 * (step % 7)
        records.append({**place, "train/loss": loss})
        if step % 10 == 9:
            records.append({**place, "val/loss": "NaN" if step > 50 else 1.0, "val/f1": 0.5})
    records.append({"step": 60, "val/map": "NaN"})
    return records


def _judged(folder: Path, records: Sequence[Record]) -> View:
    folder.mkdir(exist_ok=True)
    (folder / "log.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    return Monitor([folder / "log.jsonl"], rules=RULES).read_all(2e9)


@pytest.fixture
def view(tmp_path: Path) -> View:
    return _judged(tmp_path / "run", _records())


def _of(view: View, metric: str) -> Incident:
    return next(i for i in view.runs[0].findings if i.metric == metric)


def _said(view: View, **regards: Regard) -> Attention:
    attention = Attention()
    for metric, regard in regards.items():
        incident = _of(view, metric.replace("_", "/"))
        attention = attention.toggled(view.runs[0], incident, regard)
    return attention


def _order(run: RunView) -> list[str]:
    return [incident.metric or "" for incident in run.findings]


def test_what_is_known_stays_in_the_list_and_leads_no_more(view: View) -> None:
    assert view.runs[0].worst == _of(view, "train/loss")
    (run,) = attended(view, _said(view, train_loss=ACKNOWLEDGED)).runs
    assert run.worst == _of(view, "val/loss")
    assert _order(run)[-1] == "train/loss"
    assert len(run.findings) == len(view.runs[0].findings)
    assert run.findings_at(Severity.ERROR), "it still counts"


def test_what_is_muted_comes_last_and_does_not_count(view: View) -> None:
    (run,) = attended(view, _said(view, train_loss=MUTED)).runs
    assert run.worst == _of(view, "val/loss")
    assert _order(run)[-1] == "train/loss"
    assert not run.findings_at(Severity.ERROR)


def test_the_causes_of_muted_findings_alone_are_muted_too(view: View) -> None:
    assert view.runs[0].diagnosis
    every = {i.key: MUTED for i in view.runs[0].findings}
    attention = Attention()
    for incident in view.runs[0].findings:
        attention = attention.toggled(view.runs[0], incident, every[incident.key])
    (run,) = attended(view, attention).runs
    assert (run.worst, run.diagnosis) == (None, ())


def test_without_mutes_only_what_was_muted_counts_again(view: View) -> None:
    said = _said(view, train_loss=MUTED, val_loss=ACKNOWLEDGED).without_mutes()
    (run,) = attended(view, said).runs
    assert [i.metric for i in run.findings if i.regard] == ["val/loss"]


def test_where_nothing_was_said_the_view_is_the_same_object(view: View) -> None:
    assert attended(view, Attention()) is view
    other = replace(_of(view, "train/loss"), metric="another")
    said = Attention().toggled(view.runs[0], other, MUTED)
    assert attended(view, said).runs[0] is view.runs[0]


def test_the_same_key_again_takes_it_back_and_the_other_one_changes_it(view: View) -> None:
    run, incident = view.runs[0], _of(view, "train/loss")
    said = Attention().toggled(run, incident, ACKNOWLEDGED)
    assert said.toggled(run, incident, ACKNOWLEDGED).of(run, incident) is NONE
    assert said.toggled(run, incident, MUTED).of(run, incident) is MUTED


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"last_row": 99, "title": "further on"}, True),
        ({"cleared": True}, True),
        ({"severity": Severity.ERROR}, False),
        ({"times": 2, "reopened": Severity.INFO}, False),
        ({"time": 2e9}, False),
    ],
    ids=["goes on", "is over", "gets worse", "opens again", "is of a run started over"],
)
def test_what_is_known_leads_again_where_it_is_news(
    view: View, changes: dict[str, object], *, holds: bool
) -> None:
    run, incident = view.runs[0], _of(view, "val/loss")
    known, muted = (Attention().toggled(run, incident, regard) for regard in (ACKNOWLEDGED, MUTED))
    later = replace(incident, **changes)  # type: ignore[arg-type]  # fields of several types
    assert known.of(run, later) is (ACKNOWLEDGED if holds else NONE)
    assert muted.of(run, later) is MUTED, "what is of no interest stays so"


def test_it_is_said_of_one_rank_and_one_metric_of_one_run(view: View) -> None:
    run, incident = view.runs[0], _of(view, "train/loss")
    said = Attention().toggled(run, incident, MUTED)
    assert said.of(run, replace(incident, rank=1)) is NONE
    assert said.of(run, _of(view, "val/loss")) is NONE
    assert said.of(replace(run, path="elsewhere"), incident) is NONE


def test_a_run_is_known_by_its_path_however_it_is_spelled(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, incident = view.runs[0], _of(view, "train/loss")
    said = Attention().toggled(run, incident, MUTED)
    monkeypatch.chdir(Path(run.path).parent)
    assert said.of(replace(run, path="./log.jsonl"), incident) is MUTED


def test_it_is_remembered(view: View, tmp_path: Path) -> None:
    path, run = tmp_path / "state" / "trainmon" / "attention.json", view.runs[0]
    first = Remembered(path)
    first.toggle(run, _of(view, "train/loss"), MUTED)
    first.toggle(run, _of(view, "val/loss"), ACKNOWLEDGED)
    assert first.notice == ""
    again = Remembered(path).attention
    assert again.of(run, _of(view, "train/loss")) is MUTED
    assert again.of(run, _of(view, "val/loss")) is ACKNOWLEDGED
    assert [file.name for file in path.parent.iterdir()] == ["attention.json"]


def test_two_screens_do_not_forget_what_the_other_one_was_told(view: View, tmp_path: Path) -> None:
    path, run = tmp_path / "attention.json", view.runs[0]
    one, other = Remembered(path), Remembered(path)
    one.toggle(run, _of(view, "train/loss"), MUTED)
    other.toggle(run, _of(view, "val/loss"), MUTED)
    assert len(Remembered(path).attention.said) == 2


def test_it_is_bounded_and_what_was_said_first_is_forgotten(view: View) -> None:
    run, incident = view.runs[0], _of(view, "train/loss")
    attention = Attention()
    many = [replace(incident, metric=str(number)) for number in range(LIMIT + 5)]
    for each in many:
        attention = attention.toggled(run, each, MUTED)
    assert len(attention.said) == LIMIT
    assert attention.of(run, many[4]) is NONE
    assert attention.of(run, many[-1]) is MUTED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "findings": []}',
        b'{"version": 1}',
        b'{"version": 1, "findings": {}}',
        b'{"version": 1, "findings": [3]}',
        b'{"version": 1, "findings": [{"rule": "overfitting"}]}',
        b'{"version": 1, "findings": [{"path": "x", "rule": "r", "metric": [], "rank": 0}]}',
        b'{"version": 1, "findings": [{"rule": "r", "metric": "x", "rank": 0, "severity": 1}]}',
    ],
)
def test_a_file_that_is_not_understood_is_a_notice_and_left_alone(
    view: View, tmp_path: Path, content: bytes
) -> None:
    path, run, incident = tmp_path / "attention.json", view.runs[0], _of(view, "train/loss")
    path.write_bytes(content)
    remembered = Remembered(path)
    assert "is not understood" in remembered.notice
    remembered.toggle(run, incident, MUTED)
    assert remembered.attention.of(run, incident) is MUTED, "it holds on this screen"
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_a_notice(view: View, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    remembered = Remembered(tmp_path / "state" / "trainmon" / "attention.json")
    run = view.runs[0]
    for metric in ("train/loss", "val/loss"):
        remembered.toggle(run, _of(view, metric), MUTED)
        assert "attention.json" in remembered.notice
    assert len(remembered.attention.said) == 2


def test_without_a_path_it_is_remembered_for_as_long_as_the_screen(view: View) -> None:
    remembered = Remembered()
    remembered.toggle(view.runs[0], _of(view, "train/loss"), MUTED)
    assert (len(remembered.attention.said), remembered.notice) == (1, "")


def test_the_file_is_in_the_folder_for_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert attention_path() == tmp_path / "trainmon" / "attention.json"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert attention_path() == Path.home() / ".local/state/trainmon/attention.json"
