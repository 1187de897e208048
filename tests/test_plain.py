import io
from dataclasses import replace
from pathlib import Path

from tests.ui.scenes import START, healthy, not_a_number, run_of, short, view_of
from trainmon.incidents import Regard
from trainmon.plain import Lines, follow
from trainmon.view import Status, View
from trainmon.writer import Writer

BROKEN = run_of(not_a_number(), "broken")
WELL = run_of(healthy(), "well")


def at(view: View, seconds: float) -> View:
    return replace(view, now=START + seconds)


def test_a_run_is_told_when_it_is_first_seen() -> None:
    assert Lines().of(view_of(WELL)) == ["well: running, step 480, 492 records"]


def test_a_finding_is_told_once() -> None:
    lines = Lines()
    finding, state = lines.of(at(view_of(BROKEN), 0))
    assert finding.startswith("broken: ● non-finite since step 301: train/loss is NaN")
    assert state.startswith("broken: running")
    assert lines.of(at(view_of(BROKEN), 1)) == []


def test_a_finding_that_is_over_is_told_again() -> None:
    lines = Lines()
    lines.of(at(view_of(BROKEN), 0))
    over = replace(BROKEN, findings=(replace(BROKEN.findings[0], cleared=True),))
    (line,) = lines.of(at(view_of(over), 1))
    assert line.endswith("(over)")


def test_what_is_known_is_told_with_that_and_what_is_muted_is_not() -> None:
    for regard, told in ((Regard.ACKNOWLEDGED, 1), (Regard.MUTED, 0)):
        known = replace(BROKEN, findings=(replace(BROKEN.findings[0], regard=regard),))
        findings = [line for line in Lines().of(at(view_of(known), 0)) if "non-finite" in line]
        assert len(findings) == told
        assert all(line.endswith("(acknowledged)") for line in findings)


def test_progress_is_told_now_and_then() -> None:
    lines = Lines()
    told = [bool(lines.of(at(view_of(WELL), seconds))) for seconds in range(21)]
    assert [second for second, line in enumerate(told) if line] == [0, 10, 20]


def test_an_end_is_told_at_once() -> None:
    lines = Lines()
    lines.of(at(view_of(WELL), 0))
    assert lines.of(at(view_of(replace(WELL, status=Status.FINISHED)), 1)) == [
        "well: finished, step 480, 492 records"
    ]


def test_a_superseded_run_is_not_told() -> None:
    assert Lines().of(view_of(replace(WELL, superseded=True))) == []


def test_a_log_without_steps_is_told_by_its_records() -> None:
    assert Lines().of(view_of(run_of([{"loss": 1.0}], "plain"))) == ["plain: running, 1 record"]


def test_two_runs_are_told_apart() -> None:
    assert len(Lines().of(view_of(WELL, run_of(short(), "short")))) == 2


def test_what_cannot_be_read_is_told_once() -> None:
    lines = Lines()
    view = View(0, START, failures=("'logs' does not exist",), notices=("x: 2 lines skipped",))
    assert lines.of(view) == ["note: 'logs' does not exist", "note: x: 2 lines skipped"]
    assert lines.of(view) == []


def test_following_ends_when_all_runs_have_ended(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Writer(tmp_path / name) as log:
            log.log({"train/loss": 1.0}, step=1)
    out = io.StringIO()
    assert follow([tmp_path], out) == 0
    assert "one: finished, step 1, 1 record" in out.getvalue()
    assert "two: finished, step 1, 1 record" in out.getvalue()
