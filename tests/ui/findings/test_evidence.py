"""The picture of a finding: which curves, which part of them, and what is marked."""

from dataclasses import replace

from tests.ui.scenes import header, not_a_number, overfitting, run_of
from trainmon.incidents import Incident
from trainmon.ui.findings.evidence import Evidence, draw_evidence, evidence_of, evidence_title
from trainmon.ui.scene import Settings
from trainmon.view import RunView

RUN = run_of(overfitting())
SETTINGS = Settings()


def finding(run: RunView, rule: str) -> Incident:
    return next(incident for incident in run.findings if incident.rule == rule)


def shown(run: RunView, incident: Incident, settings: Settings = SETTINGS) -> Evidence:
    evidence = evidence_of(run, incident, settings)
    assert evidence is not None
    return evidence


def test_overfitting_is_seen_in_both_losses_with_its_onset_and_where_it_was_told() -> None:
    incident = finding(RUN, "overfitting")
    evidence = shown(RUN, incident)
    assert [curve.name for curve in evidence.curves] == ["train/loss", "val/loss"]
    assert (evidence.onset, evidence.told) == (incident.onset_step, incident.step)
    text = draw_evidence(RUN, incident, evidence, SETTINGS, (12, 70)).text()
    assert "▲ began" in text
    assert "◇ told" in text


def test_another_finding_is_seen_in_its_metric_around_its_onset() -> None:
    incident = finding(RUN, "loader-spikes")
    evidence = shown(RUN, incident)
    assert [curve.name for curve in evidence.curves] == ["data_time"]
    assert evidence.x_range is not None
    first, last = evidence.x_range
    assert evidence.onset is not None
    assert evidence.told is not None
    assert first < evidence.onset <= evidence.told < last < 480
    title = "".join(text for text, _ in evidence_title(RUN, evidence))
    assert title == "data_time  around its onset"


def test_what_ends_now_is_shown_up_to_now() -> None:
    run = run_of(not_a_number())
    (incident,) = run.findings
    late = replace(incident, onset_row=run.lead.n_rows - 3, row=run.lead.n_rows - 2)
    evidence = shown(run, late)
    assert evidence.x_range is not None
    assert evidence.x_range[1] == 480


def test_the_axis_is_the_one_that_charts_have() -> None:
    incident = finding(RUN, "overfitting")
    assert shown(RUN, incident, Settings(x_kind="epoch")).onset == incident.onset_epoch


def test_an_explosion_is_seen_together_with_what_was_before_it() -> None:
    log = [{"step": k, "grad_norm": 1.0 if k < 60 else 10.0 ** (k - 59)} for k in range(64)]
    run = run_of([header(), *log])
    incident = replace(finding(RUN, "loader-spikes"), metric="grad_norm", onset_row=61, row=63)
    text = draw_evidence(run, incident, shown(run, incident), SETTINGS, (12, 60)).text()
    assert "100┤" in text
    assert "10k┤" in text or "1k┤" in text


def test_a_finding_about_no_curve_has_no_picture() -> None:
    incident = replace(finding(RUN, "loader-spikes"), metric=None)
    assert evidence_of(RUN, incident, SETTINGS) is None
    assert evidence_of(RUN, replace(incident, metric="gone"), SETTINGS) is None


def test_where_no_row_tells_the_onset_the_whole_curve_is_shown() -> None:
    run = run_of([header(), *({"train/loss": 1.0} for _ in range(9))])
    incident = replace(finding(RUN, "loader-spikes"), metric="train/loss", onset_row=999, row=999)
    evidence = shown(run, incident)
    assert (evidence.onset, evidence.told, evidence.x_range) == (None, None, None)
    assert "train/loss" in "".join(text for text, _ in evidence_title(run, evidence))
    assert draw_evidence(run, incident, evidence, SETTINGS, (5, 30)).text()
