"""The life of a finding: one line from its first event to its last."""

from dataclasses import replace

import numpy as np

from trainmon.decisions import decided
from trainmon.incidents import Incident, Incidents, Regard, ranked
from trainmon.rule import Event, EventKind, Severity
from trainmon.store.batch import batch_of
from trainmon.store.lane import Lane

INFO, WARNING, ERROR = Severity


def _lane(rank: int = 0) -> Lane:
    lane = Lane(rank)
    lane.append(
        batch_of([{"step": 10 * row, "epoch": row, "time": 1e9 + row} for row in range(50)])
    )
    return lane


def _event(kind: EventKind, row: int, severity: Severity = WARNING, **evidence: float) -> Event:
    return Event(kind, row, row - 1, severity, f"{kind.value} at {row}", "val/loss", evidence)


def _after(*events: Event, gauge: str = "") -> Incident:
    incidents, lane = Incidents({"overfitting": gauge}), _lane()
    for event in events:
        incidents.take(decided("overfitting", event, lane))
    (incident,) = ranked(incidents.all())
    return incident


def test_an_opened_finding_tells_where_it_spoke_and_where_it_began() -> None:
    incident = _after(_event(EventKind.OPENED, 20))
    assert (incident.step, incident.epoch, incident.time) == (200, 20, 1e9 + 20)
    assert (incident.onset_step, incident.onset_epoch, incident.last_step) == (190, 19, 200)


def test_a_repeated_finding_is_one_incident_with_its_latest_evidence() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20, value=1.0, best=0.5), _event(EventKind.REPEATED, 25, value=2.0)
    )
    assert (incident.step, incident.last_step, incident.times) == (200, 250, 1)
    assert dict(incident.evidence) == {"value": 2.0, "best": 0.5}
    assert incident.title == "repeated at 25"


def test_the_worst_severity_stays() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20, INFO),
        _event(EventKind.WORSENED, 22, ERROR),
        _event(EventKind.CLEARED, 30, INFO),
    )
    assert (incident.severity, incident.cleared) == (ERROR, True)


def test_a_finding_that_opens_again_is_the_same_incident_twice() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20), _event(EventKind.CLEARED, 25), _event(EventKind.OPENED, 30)
    )
    assert (incident.times, incident.cleared, incident.onset_step) == (2, False, 190)


def test_a_lesser_reopening_does_not_replace_what_was_worse() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20, ERROR, value=9.0),
        _event(EventKind.CLEARED, 25, ERROR),
        _event(EventKind.OPENED, 30, INFO, value=1.0),
    )
    assert (incident.title, incident.evidence["value"]) == ("opened at 20", 9.0)


def test_a_log_without_steps_gives_findings_without_steps() -> None:
    lane = Lane()
    lane.append(batch_of([{"loss": float(row)} for row in range(50)]))
    incidents = Incidents()
    incident = incidents.take(decided("overfitting", _event(EventKind.OPENED, 20), lane))
    assert (incident.step, incident.onset_step, incident.epoch, incident.row) == (
        None,
        None,
        None,
        20,
    )


def test_ranks_and_metrics_are_incidents_of_their_own() -> None:
    incidents = Incidents()
    for rank in (0, 1):
        incidents.take(decided("loader-spikes", _event(EventKind.OPENED, 20), _lane(rank)))
    assert [incident.rank for incident in ranked(incidents.all())] == [0, 1]


def test_open_ones_come_first_then_the_worst_then_the_earliest() -> None:
    incidents, lane = Incidents(), _lane()
    told = [("cleared", ERROR, 5), ("late", WARNING, 30), ("info", INFO, 2), ("early", WARNING, 20)]
    for rule, severity, row in np.random.default_rng(0).permutation(np.array(told, object)):
        incidents.take(decided(rule, _event(EventKind.OPENED, row, severity), lane))
    incidents.take(decided("cleared", _event(EventKind.CLEARED, 40, ERROR), lane))
    assert [i.rule for i in ranked(incidents.all())] == ["early", "late", "info", "cleared"]


def test_among_equals_what_is_called_as_its_cause_goes_first() -> None:
    incidents, lane = Incidents(), _lane()
    for rule, severity in (("early-stop", WARNING), ("overfitting", WARNING), ("worse", ERROR)):
        incidents.take(decided(rule, _event(EventKind.OPENED, 20, severity), lane))
    told = ranked(incidents.all(), {"overfitting"})
    assert [i.rule for i in told] == ["worse", "overfitting", "early-stop"]


def test_what_a_person_knows_comes_after_what_leads_and_what_is_muted_comes_last() -> None:
    incidents, lane = Incidents(), _lane()
    for rule in ("known", "muted", "over", "leads"):
        incidents.take(decided(rule, _event(EventKind.OPENED, 20, ERROR), lane))
    incidents.take(decided("over", _event(EventKind.CLEARED, 30, ERROR), lane))
    regards = {"known": Regard.ACKNOWLEDGED, "muted": Regard.MUTED}
    told = [replace(i, regard=regards.get(i.rule, Regard.NONE)) for i in incidents.all()]
    assert [i.rule for i in ranked(told)] == ["leads", "known", "over", "muted"]


def test_a_trouble_that_came_back_milder_is_as_bad_as_that_and_was_worse() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20, ERROR),
        _event(EventKind.CLEARED, 25, ERROR),
        _event(EventKind.OPENED, 30, INFO),
    )
    assert (incident.severity, incident.standing) == (ERROR, INFO)
    worse = _after(
        _event(EventKind.OPENED, 20),
        _event(EventKind.CLEARED, 25),
        _event(EventKind.OPENED, 30, INFO),
        _event(EventKind.WORSENED, 31, ERROR),
    )
    assert (worse.severity, worse.standing) == (ERROR, ERROR)


def test_the_evidence_of_another_opening_is_not_mixed_with_that_before() -> None:
    incident = _after(
        _event(EventKind.OPENED, 20, value=1.0, best=0.5),
        _event(EventKind.CLEARED, 25),
        _event(EventKind.OPENED, 30, value=2.0),
    )
    assert dict(incident.evidence) == {"value": 2.0}


def test_the_worst_value_stays_where_a_rule_names_its_gauge() -> None:
    events = [
        _event(EventKind.OPENED, row, height=height) for row, height in ((20, 9.0), (30, 4.0))
    ]
    over = _event(EventKind.CLEARED, 25)
    worst = _after(events[0], over, events[1], gauge="height")
    assert (worst.title, worst.evidence["height"], worst.last_step) == ("opened at 20", 9.0, 300)
    assert _after(events[0], over, events[1]).evidence["height"] == 4.0


def test_how_a_finding_stands_is_told_in_words() -> None:
    opened, cleared = _event(EventKind.OPENED, 20), _event(EventKind.CLEARED, 25)
    assert _after(opened).state == ""
    assert _after(opened, cleared).state == "over"
    again = _after(opened, cleared, opened)
    assert replace(again, regard=Regard.ACKNOWLEDGED).state == "2 times, acknowledged"


def test_a_live_finding_opens_once_and_is_cleared_when_it_is_found_no_more() -> None:
    incidents, lane = Incidents(), _lane()
    looks = [_event(EventKind.OPENED, 20), _event(EventKind.OPENED, 20), None, None]
    told = [[d.kind for d in incidents.look("stalled", event, lane)] for event in looks]
    assert told == [[EventKind.OPENED], [], [EventKind.CLEARED], []]
    (incident,) = incidents.all()
    assert (incident.live, incident.cleared, incident.times) == (True, True, 1)


def test_a_live_finding_that_gets_worse_is_told() -> None:
    incidents, lane = Incidents(), _lane()
    incidents.look("stalled", _event(EventKind.OPENED, 20), lane)
    (worse,) = incidents.look("stalled", _event(EventKind.OPENED, 20, ERROR), lane)
    assert (worse.kind, worse.severity, worse.live) == (EventKind.WORSENED, ERROR, True)


def test_what_the_log_tells_too_is_not_cleared_by_a_look() -> None:
    incidents, lane = Incidents(), _lane()
    incidents.look("crashed", _event(EventKind.OPENED, 20), lane)
    incidents.take(decided("crashed", _event(EventKind.REPEATED, 21), lane))
    assert incidents.look("crashed", None, lane) == []
    (incident,) = incidents.all()
    assert (incident.live, incident.cleared) == (False, False)
