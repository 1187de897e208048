"""The life of a finding: one line from its first event to its last."""

import numpy as np

from trainmon.incidents import Incident, Incidents, ranked
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


def _after(*events: Event) -> Incident:
    incidents, lane = Incidents(), _lane()
    for event in events:
        incidents.apply("overfitting", event, lane)
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
    incident = incidents.apply("overfitting", _event(EventKind.OPENED, 20), lane)
    assert (incident.step, incident.onset_step, incident.epoch, incident.row) == (
        None,
        None,
        None,
        20,
    )


def test_ranks_and_metrics_are_incidents_of_their_own() -> None:
    incidents = Incidents()
    for rank in (0, 1):
        incidents.apply("loader-spikes", _event(EventKind.OPENED, 20), _lane(rank))
    assert [incident.rank for incident in ranked(incidents.all())] == [0, 1]


def test_open_ones_come_first_then_the_worst_then_the_earliest() -> None:
    incidents, lane = Incidents(), _lane()
    told = [("cleared", ERROR, 5), ("late", WARNING, 30), ("info", INFO, 2), ("early", WARNING, 20)]
    for rule, severity, row in np.random.default_rng(0).permutation(np.array(told, object)):
        incidents.apply(rule, _event(EventKind.OPENED, row, severity), lane)
    incidents.apply("cleared", _event(EventKind.CLEARED, 40, ERROR), lane)
    assert [i.rule for i in ranked(incidents.all())] == ["early", "late", "info", "cleared"]


def test_a_live_finding_is_cleared_when_it_is_found_no_more() -> None:
    incidents, lane = Incidents(), _lane()
    incidents.apply("stalled", _event(EventKind.OPENED, 20), lane, live=True)
    incidents.close_live("stalled", lane)
    (incident,) = ranked(incidents.all())
    assert (incident.live, incident.cleared) == (True, True)
