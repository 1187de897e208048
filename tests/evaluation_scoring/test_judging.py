import time
from dataclasses import replace
from pathlib import Path

from tests.evaluation.judging import judge
from tests.evaluation.logs import metrics_of, write_log
from tests.evaluation_scoring.made_up import NAN, case, log
from trainmon.monitor import Monitor


def test_a_case_is_judged_as_its_file_would_be(tmp_path: Path) -> None:
    made = replace(case(), records=log(broken=True))
    told = judge(made)
    (run,) = Monitor([write_log(tmp_path, made)]).read_all(time.time()).runs
    assert [(a.check, a.severity, a.onset) for a in told.alarms] == [
        (i.rule, i.severity, i.onset_step) for i in run.findings
    ]
    assert [(n.cause, n.role, n.rivals) for n in told.causes] == [
        (d.cause, d.role, d.rivals) for d in run.diagnosis
    ]


def test_it_tells_when_the_fault_was_named() -> None:
    told = judge(replace(case(), records=log(broken=True)))
    assert told.found
    assert (told.delay, told.broke) == (0.0, 100.0)
    assert (told.last_step, told.steps_per_epoch) == (200.0, 50.0)


def test_what_is_said_before_the_onset_finds_nothing() -> None:
    later = replace(NAN, onset_step=300.0)
    told = judge(replace(case(later), records=log(broken=True)))
    assert not told.found


def test_the_records_are_not_kept() -> None:
    assert judge(replace(case(None), records=log())).case.records == ()


def test_a_healthy_log_raises_no_warning() -> None:
    assert judge(replace(case(None), records=log())).warnings == ()


def test_other_tools_get_numbers_alone() -> None:
    records = metrics_of([*log(), {"event": "finish", "step": 200}])
    assert len(records) == 200
    assert all("trainmon" not in record and "event" not in record for record in records)


def test_a_log_that_cannot_be_read_is_told_as_a_failure() -> None:
    told = judge(case(None))
    assert told.alarms == ()
    assert told.failures
