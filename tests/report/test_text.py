"""The judgement as text: what is told first, what folds, what is counted only."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.judged import BASELINE, CAUSE, judged, with_run
from trainmon.causes.diagnosis import Diagnosis
from trainmon.incidents import Incident, Regard
from trainmon.report.text import as_text, verdict
from trainmon.rule import Severity
from trainmon.view import NotJudged, RunView, Status, View

INFO, WARNING, ERROR = Severity

OVERFITS = replace(
    CAUSE,
    cause="overfitting",
    title="the model overfits",
    because=("metric-collapse", "overfitting"),
    rivals=("shortcut-learning",),
    decider="controls that differ in the shortcut alone",
    fix=("keep the checkpoint of epoch 3",),
)
DUPLICATES = replace(CAUSE, role="accelerator", title="all data comes twice", fix=("shard it",))
GOES_ON = replace(CAUSE, role="enabler", title="nothing stops the run", fix=("stop early",))


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Return a run whose loss breaks."""
    return judged(tmp_path / "run" / "rank0.jsonl", BASELINE)


@pytest.fixture
def well(tmp_path: Path) -> View:
    """Return the run as it would be without what broke."""
    return judged(tmp_path / "run" / "rank0.jsonl", [*BASELINE[:3], BASELINE[4]])


def _finding(run: RunView, rule: str, severity: Severity = WARNING, **more: object) -> Incident:
    """Return a finding of a rule on a run that has one already."""
    told = replace(run.findings[0], rule=rule, severity=severity, title=f"what {rule} saw")
    return replace(told, metric=None, **more)  # type: ignore[arg-type]  # fields of several types


def _text(view: View, *findings: Incident, causes: tuple[Diagnosis, ...] = ()) -> list[str]:
    """Return the lines on a run with these findings and causes."""
    run = replace(view.runs[0], findings=findings, diagnosis=causes)
    return as_text(with_run(view, run)).splitlines()


def test_the_text_of_a_run_is_verdict_cause_what_to_do_and_what_could_not_be_judged(
    view: View,
) -> None:
    run = view.runs[0]
    text = as_text(with_run(view, replace(run, diagnosis=(CAUSE, DUPLICATES, GOES_ON))))
    assert text == (
        "baseline  finished, step 3, 3 records, trainmon\n"
        "  ● non-finite since step 3: train/loss is NaN; nothing announced it\n"
        "  likely cause: one bad batch (medium confidence)\n"
        "    1. look at the batch of step 3\n"
        "    2. skip batches whose loss is not finite\n"
        "    or: lr-too-high, precision-overflow; to tell: the batch of step 3\n"
        "  made worse by: all data comes twice → shard it\n"
        "  let go on by: nothing stops the run → stop early\n"
        "\n"
        "  not judged: loader-spikes (data_time): for batch in log.batches(loader)\n"
        "  not judged for want of other signals: 2 (-v tells them)\n"
    )


def test_a_well_run_is_two_lines(well: View) -> None:
    run = replace(well.runs[0], not_judged=())
    assert as_text(with_run(well, run)) == (
        "baseline  finished, step 2, 2 records, trainmon\n  ✓ well: nothing found in 2 checks\n"
    )


def test_findings_fold_under_the_cause_that_explains_them(view: View) -> None:
    run = view.runs[0]
    lines = _text(
        view,
        _finding(run, "metric-collapse", ERROR),
        _finding(run, "overfitting"),
        _finding(run, "loss-spike", INFO, cleared=True),
        causes=(replace(OVERFITS, because=("loss-spike", "metric-collapse", "overfitting")),),
    )
    assert lines[1:6] == [
        "  ● metric-collapse since step 3: what metric-collapse saw",
        "  likely cause: the model overfits (medium confidence)",
        "    explains: ▲ overfitting since step 3: what overfitting saw",
        "              · loss-spike since step 3: what loss-spike saw (over)",
        "    1. keep the checkpoint of epoch 3",
    ]


def test_of_many_that_fold_the_first_are_listed_and_the_rest_is_counted(view: View) -> None:
    run = view.runs[0]
    every = [replace(_finding(run, "overfitting"), metric=f"val/{n}") for n in range(9)]
    lines = _text(view, *every, causes=(OVERFITS,))
    folded = [line for line in lines if line.startswith(("    explains", " " * 14))]
    assert len(folded) == 4
    assert folded[-1].strip() == "and 5 more (-v tells them)"


def test_two_troubles_have_a_block_each_and_that_of_the_verdict_comes_first(view: View) -> None:
    run = view.runs[0]
    findings = (_finding(run, "non-finite", ERROR), _finding(run, "overfitting"))
    lines = _text(view, *findings, causes=(OVERFITS, CAUSE))
    places = [lines.index(line) for line in lines if "likely cause" in line or "since" in line]
    assert [lines[place].strip() for place in places] == [
        "● non-finite since step 3: what non-finite saw",
        "likely cause: one bad batch (medium confidence)",
        "▲ overfitting since step 3: what overfitting saw",
        "likely cause: the model overfits (medium confidence)",
    ]


def test_two_causes_that_cannot_be_told_apart_are_named_with_what_decides(view: View) -> None:
    lines = _text(view, *view.runs[0].findings, causes=(replace(CAUSE, undecided=True),))
    assert "    cannot tell bad-batch from lr-too-high: the batch of step 3" in lines
    assert not any("or:" in line for line in lines)


def test_what_no_cause_explains_is_listed_too(view: View) -> None:
    run = view.runs[0]
    lines = _text(view, *run.findings, _finding(run, "loader-spikes"), causes=(CAUSE,))
    assert "  ▲ loader-spikes since step 3: what loader-spikes saw" in lines


def test_what_is_only_info_has_a_line_each_and_its_cause_only_when_asked_for(view: View) -> None:
    run = view.runs[0]
    info = _finding(run, "overfitting", INFO)
    minor = tuple(replace(info, metric=f"val/{n}") for n in range(5))
    run = replace(run, findings=minor, diagnosis=(OVERFITS,))
    brief, long = (as_text(with_run(view, run), verbose=v).splitlines() for v in (False, True))
    assert brief[1].startswith("  ✓ well: 5 minor found in ")
    assert [line for line in brief if "·" in line][-1] == "  · 3 more (-v tells them)"
    assert not any("cause" in line for line in brief)
    assert sum("· overfitting" in line for line in long) == 5
    assert any("likely cause" in line for line in long)


def test_what_is_known_leads_no_verdict_and_is_listed(view: View) -> None:
    run = view.runs[0]
    known = replace(run.findings[0], regard=Regard.ACKNOWLEDGED)
    lines = _text(view, known, causes=(CAUSE,))
    assert lines[1] == (
        "  ● nothing new: 1 acknowledged, nothing else found in 2 checks; 3 could not be judged"
    )
    assert lines[2].endswith("nothing announced it (acknowledged)")
    assert "cause" not in lines[3]


def test_what_is_muted_is_no_part_of_the_verdict_and_is_listed_last(view: View) -> None:
    run = view.runs[0]
    muted = replace(run.findings[0], regard=Regard.MUTED)
    lines = _text(view, _finding(run, "loss-spike", INFO), muted)
    assert lines[1].startswith("  ✓ well: 1 minor found in ")
    assert lines[3].endswith("nothing announced it (muted)")


def test_a_run_that_recovered_is_well_again(view: View) -> None:
    run = view.runs[0]
    over = tuple(replace(finding, cleared=True) for finding in run.findings)
    assert verdict(replace(run, findings=over)).startswith("✓ well again: 1 finding is over")


def test_a_crash_without_a_finding_is_told(well: View) -> None:
    run = replace(well.runs[0], status=Status.CRASHED)
    assert verdict(run) == "✖ crashed at step 2: its process is gone"


def test_a_run_that_nothing_is_known_of_is_not_called_well(well: View) -> None:
    assert verdict(replace(well.runs[0], clear=())) == "? nothing could be judged yet"


def test_what_a_run_has_otherwise_than_one_that_worked_stands_with_its_finding(view: View) -> None:
    run = view.runs[0]
    evidence = {"reference": "good", "differences": [f"setting {n}" for n in range(9)]}
    lines = _text(view, replace(run.findings[0], evidence=evidence), causes=(CAUSE,))
    assert lines[2:6] == [f"    otherwise than good: setting {number}" for number in range(4)]


def test_a_message_of_several_lines_is_told_in_one(view: View) -> None:
    told = replace(view.runs[0].findings[0], title="it broke:\n  out of memory\x1b[2J")
    assert _text(view, told)[1].endswith(": it broke: out of memory�[2J")


def test_what_is_in_order_is_listed_when_asked_for(view: View) -> None:
    assert "in order: loss-spike" in as_text(view, verbose=True)
    assert "in order" not in as_text(view)


def test_each_rule_tells_what_it_lacks_when_asked_for(view: View) -> None:
    lines = as_text(view, verbose=True).splitlines()
    assert "  not judged: loader-spikes (data_time): for batch in log.batches(loader)" in lines


def test_rules_that_lack_the_same_signal_stand_in_one_line_when_asked_for(well: View) -> None:
    code = "for batch in log.batches(loader)"
    lacking = (
        NotJudged("loader-bound", ("data_time", "step_time"), code),
        NotJudged("loader-spikes", ("data_time",), code),
        NotJudged("step-spikes", ("step_time",), code),
        NotJudged("gpu-starved", ("sys/gpu0/util",), "log.log(util)"),
    )
    run = replace(well.runs[0], not_judged=lacking)
    lines = as_text(with_run(well, run), verbose=True).splitlines()
    assert [line for line in lines if "not judged:" in line] == [
        f"  not judged: loader-spikes, step-spikes, loader-bound (data_time, step_time): {code}",
        "  not judged: gpu-starved (sys/gpu0/util): log.log(util)",
    ]


def test_minor_findings_with_a_sure_cause_are_not_called_well(view: View) -> None:
    run = view.runs[0]
    info = _finding(run, "overfitting", INFO)
    sure = replace(OVERFITS, confidence="high")
    lines = _text(view, info, causes=(sure,))
    assert lines[1].startswith("  · to be looked at: the model overfits; 1 minor found in ")
    assert "  likely cause: the model overfits (high confidence)" in lines
    assert "well" in _text(view, replace(info, cleared=True), causes=(sure,))[1]


def test_what_is_over_is_told_last_and_without_advice(view: View) -> None:
    run = view.runs[0]
    over = _finding(run, "overfitting", cleared=True)
    lines = _text(view, *run.findings, over, causes=(OVERFITS, CAUSE, GOES_ON))
    told = [line.strip() for line in lines[1:] if "(over)" in line or "likely cause" in line]
    assert told == [
        "likely cause: one bad batch (medium confidence)",
        "▲ overfitting since step 3: what overfitting saw (over)",
        "likely cause of what is over: the model overfits (medium confidence)",
    ]
    assert not any("keep the checkpoint" in line for line in lines)


def test_what_let_a_trouble_go_on_is_not_told_once_it_is_over(view: View) -> None:
    run = view.runs[0]
    over = _finding(run, "overfitting", cleared=True)
    goes_on = replace(GOES_ON, because=("overfitting",))
    assert not any("stop early" in line for line in _text(view, over, causes=(OVERFITS, goes_on)))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_on_a_terminal_no_line_is_longer_than_it_is_wide(view: View, width: int) -> None:
    run = replace(view.runs[0], diagnosis=(replace(CAUSE, decider="a few words " * 20),))
    lines = as_text(with_run(view, run), width=width).splitlines()
    code = {run.not_judged[0].log}
    assert all(len(line) <= width for line in lines[1:] if line.strip() not in code)
    assert sum(line.strip() in code or line.endswith(tuple(code)) for line in lines) == 1


def test_in_a_pipe_nothing_is_broken(view: View) -> None:
    told = replace(view.runs[0].findings[0], title="a few words " * 15)
    assert "a few words a few words" in _text(view, told)[1]
    assert len(_text(view, told)[1]) > 180


def test_what_several_runs_lack_is_told_once(view: View) -> None:
    run = view.runs[0]
    text = as_text(replace(view, runs=(run, replace(run, name="another"))))
    assert text.count("not judged: loader-spikes") == 1
    assert text.index("another  finished") < text.index("not judged")


def test_what_is_lacking_is_grouped_by_the_line_that_would_tell_it(well: View) -> None:
    lacking = [
        NotJudged("loader-bound", ("data_time",), "for batch in log.batches(loader)"),
        NotJudged("loader-spikes", ("data_time",), "for batch in log.batches(loader)"),
        NotJudged("train-above-val", ("val/loss", "accum"), "log.log(val)"),
        NotJudged("overfitting", ("val/loss",), "log.log(val)"),
        NotJudged("threshold-mismatch", ("val/loss",), "log.log(val, threshold)"),
    ]
    run = replace(well.runs[0], not_judged=tuple(lacking))
    assert as_text(with_run(well, run)).splitlines()[3:] == [
        "  not judged: overfitting, threshold-mismatch (val/loss): log.log(val)",
        "  not judged for want of other signals: 3 (-v tells them)",
    ]


def test_only_the_most_useful_line_of_code_is_told_and_the_rest_is_counted(well: View) -> None:
    lacking = [
        NotJudged(f"rule-{number}-{rule}", (f"signal {number}",), f"line {number}")
        for number in range(9)
        for rule in range(number + 1)
    ]
    run = replace(well.runs[0], not_judged=tuple(lacking))
    lines = as_text(with_run(well, run)).splitlines()[3:]
    assert lines[0].endswith("and 3 more (signal 8): line 8")
    assert lines[1:] == ["  not judged for want of other signals: 36 (-v tells them)"]


def test_nothing_read_is_nothing_said() -> None:
    assert as_text(View(0, 0.0)) == ""


def test_a_trouble_of_many_ranks_is_one_line_unless_all_is_asked_for(view: View) -> None:
    run = view.runs[0]
    spikes = [_finding(run, "loss-spike", rank=rank) for rank in range(40)]
    verdict_line, *rest = [line for line in _text(view, *spikes) if "loss-spike" in line]
    assert "loss-spike on 40 ranks (worst: rank 0)" in verdict_line
    assert not rest
    assert "on 40 ranks" in verdict(replace(run, findings=tuple(spikes), diagnosis=()))
    every = as_text(
        with_run(view, replace(run, findings=tuple(spikes), diagnosis=())), verbose=True
    )
    assert "(rank 39)" in every


@pytest.mark.parametrize(
    ("status", "told_by", "told"),
    [
        (Status.UNKNOWN, "trainmon", True),
        (Status.FINISHED, "trainmon", False),
        (Status.UNKNOWN, "csv", False),
    ],
)
def test_a_log_that_just_ends_says_so_where_its_writer_would_have_told_an_end(
    well: View, status: Status, told_by: str, *, told: bool
) -> None:
    run = replace(well.runs[0], status=status, format=told_by)
    ends = f"the log ends at step {run.last_step:.0f} without an end: killed, or still running"
    assert (ends in as_text(with_run(well, run))) is told
