"""The decisions on a run: what is kept of them, and that they make its findings again."""

from pathlib import Path

import orjson
import pytest

from trainmon.decisions import Decided, History, decided
from trainmon.incidents import Incidents, ranked
from trainmon.monitor import Monitor
from trainmon.rule import Event, EventKind, Severity
from trainmon.rules import load
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane
from trainmon.view import RunView

RULES = [load(name) for name in ("loss-spike", "metric-collapse", "non-finite")]


def _decided(kind: EventKind, row: int) -> Decided:
    severity, title = Severity.WARNING, kind.value
    return Decided("rule", kind, severity, title, None, 0, row, None, None, None, row, None, None)


def _ups_and_downs() -> list[Record]:
    """Return a log of a loss that jumps twice, and breaks in between."""
    losses: list[float | str] = [1.0 + 0.01 * (step % 7) for step in range(300)]
    losses[100], losses[200] = 60.0, 20.0
    losses[150:155] = ["NaN"] * 5
    return [{"step": step, "train/loss": loss} for step, loss in enumerate(losses)]


@pytest.fixture
def run(tmp_path: Path) -> RunView:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in _ups_and_downs()))
    return Monitor([path], rules=RULES, strict=True).read_all(2e9).runs[0]


def test_the_decisions_of_a_run_make_its_findings_again(run: RunView) -> None:
    incidents = Incidents()
    for decision in run.decisions:
        incidents.take(decision)
    assert ranked(incidents.all()) == run.findings
    assert {finding.rule for finding in run.findings} == {"loss-spike", "non-finite"}


def test_the_decisions_up_to_a_row_make_the_findings_of_that_moment(run: RunView) -> None:
    incidents = Incidents()
    for decision in run.decisions:
        if decision.row <= 152:
            incidents.take(decision)
    opened = {incident.rule: not incident.cleared for incident in incidents.all()}
    assert opened == {"loss-spike": False, "non-finite": True}


def test_a_trouble_that_comes_and_goes_is_one_line_that_counts(run: RunView) -> None:
    (spikes,) = [finding for finding in run.findings if finding.rule == "loss-spike"]
    assert (spikes.times, spikes.cleared) == (2, True)
    assert (spikes.onset_step, spikes.last_step) == (100, 201)


def test_a_line_without_a_place_stands_where_the_one_beside_it_does() -> None:
    lane = Lane()
    places: list[Record] = [{"step": step, "epoch": 1.0, "loss": 1.0} for step in (5, 6)]
    error: Record = {"event": "exception", "time": 1e9}
    lane.append(batch_of([{"trainmon": 1}, *places, error]))
    event = Event(EventKind.OPENED, 3, 0, Severity.ERROR, "it broke")
    broke = decided("crashed", event, lane)
    assert (broke.row, broke.step, broke.epoch, broke.time) == (3, 6.0, 1.0, 1e9)
    assert (broke.onset_row, broke.onset_step, broke.onset_epoch) == (0, 5.0, 1.0)


def test_a_place_is_not_taken_from_what_comes_after_the_decision() -> None:
    lane = Lane()
    lane.append(batch_of([{"trainmon": 1}, {"step": 5, "loss": 1.0}]))
    at_header = decided("config-risk", Event(EventKind.OPENED, 0, 0, Severity.INFO, ""), lane)
    assert (at_header.step, at_header.onset_step) == (None, None)


def test_what_is_kept_is_bounded_and_repetitions_go_first() -> None:
    history = History(limit=100)
    history.add(_decided(EventKind.OPENED, 0))
    for row in range(1, 1_000):
        history.add(_decided(EventKind.REPEATED, row))
    kept = history.view()
    assert len(kept) <= 100
    assert len(kept) + history.left_out == 1_000
    assert [kept[0].kind, kept[0].row, kept[-1].row] == [EventKind.OPENED, 0, 999]


def test_what_is_kept_is_bounded_also_where_nothing_repeats() -> None:
    history = History(limit=100)
    for row in range(1_000):
        history.add(_decided(EventKind.OPENED if row % 2 else EventKind.CLEARED, row))
    assert len(history.view()) <= 100
    assert [decision.row for decision in history.view()][-3:] == [997, 998, 999]


def test_a_view_without_news_is_the_same_object() -> None:
    history = History()
    history.add(_decided(EventKind.OPENED, 0))
    before = history.view()
    assert history.view() is before
    history.add(_decided(EventKind.REPEATED, 1))
    assert len(before) == 1
    assert len(history.view()) == 2
