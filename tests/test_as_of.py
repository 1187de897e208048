"""A run as it stood earlier: what a log that ended there would have told."""

from dataclasses import replace

import pytest

from tests.ui.scenes import RULES, healthy, overfitting
from trainmon.as_of.runs import as_of
from trainmon.as_of.views import Past
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.view import Machine, RunView, View

LOG = overfitting()

LIVE = "stalled"
"""A rule that looks at the clock: nothing of it is part of the log."""


def _run(records: list[Record], *others: list[Record]) -> RunView:
    run = Run("run", "run", "logs/run", RULES)
    for rank, log in enumerate((records, *others)):
        run.take(rank, batch_of(log))
    run.judge()
    return run.view(live=False)


WHOLE = _run(LOG)


@pytest.mark.parametrize("row", [0, 1, 100, 213, 300, 400, 500])
def test_a_run_as_of_a_row_has_the_findings_of_a_log_that_ends_there(row: int) -> None:
    then, short = as_of(WHOLE, row), _run(LOG[: row + 1])
    assert then.findings == short.findings
    assert then.diagnosis == short.diagnosis
    assert then.decisions == short.decisions
    assert then.clear == short.clear
    assert then.not_judged == tuple(each for each in short.not_judged if each.rule != LIVE)


TURNING: list[Record] = [
    {"trainmon": 1, "run": "turns", "config": {"lr": 0.1, "total_steps": 40}},
    *({"step": step, "epoch": step / 10, "train/loss": 2.0 / step} for step in range(1, 11)),
    {"event": "phase", "name": "unfreeze", "step": 10},
    {"event": "config", "step": 11, "lr": 0.01, "clip": 1.0},
    *({"step": step, "train/loss": 0.2, "lr": 0.01} for step in range(11, 21)),
    {"step": 20, "val/loss": 0.4},
    {"event": "evaluation", "step": 20, "n": 100, "split": "val"},
    {"event": "resume", "step": 15},
    *({"step": step, "train/loss": 0.2, "grad_norm": 1.0} for step in range(15, 30)),
]


@pytest.mark.parametrize("row", [0, 1, 9, 11, 12, 13, 23, 24, 25, 26, 36])
def test_what_was_known_of_it_then_is_what_a_log_that_ends_there_tells(row: int) -> None:
    then = as_of(_run(TURNING), row).context
    short = _run(TURNING[: row + 1]).context
    assert dict(then.settings) == dict(short.settings)
    assert then.phase == short.phase
    assert then.baseline_row == short.baseline_row
    assert then.heard == short.heard
    assert then.header == short.header
    assert dict(then.roles.by_role) == dict(short.roles.by_role)
    assert dict(then.roles.judged) == dict(short.roles.judged)
    assert then.learning_row == short.learning_row


def test_its_curves_events_and_places_end_there() -> None:
    then, short = as_of(WHOLE, 300), _run(LOG[:301])
    assert then.lead.n_rows == short.lead.n_rows == 301
    assert then.last_step == short.last_step
    assert then.lead.events == short.lead.events
    assert dict(then.lead.series).keys() == dict(short.lead.series).keys()
    for name, samples in then.lead.series.items():
        assert samples.values.tolist() == short.lead.series[name].values.tolist()
        assert samples.rows.tolist() == short.lead.series[name].rows.tolist()


def test_at_the_newest_record_it_is_the_run_itself() -> None:
    assert as_of(WHOLE, WHOLE.lead.n_rows - 1) is WHOLE
    assert as_of(WHOLE, 10**9) is WHOLE


def test_other_ranks_stand_where_they_had_come_to_the_same_step() -> None:
    both = _run(healthy(), healthy()[::2])
    then = as_of(both, 240)
    lead, other = then.lanes
    assert lead.n_rows == 241
    steps = [lane.steps[lane.n_rows - 1] for lane in (lead, other)]
    assert steps[0] - 2 <= steps[1] <= steps[0]


def _twice_begun() -> list[Record]:
    header: Record = {"trainmon": 1, "run": "again", "world_size": 2}
    first, second = range(50), range(20, 60)
    told = [{"step": step, "train/loss": 1.0} for step in (*first, *second)]
    return [header, *told[:50], header, *told[50:]]


@pytest.mark.parametrize("row", [0, 30, 50, 51, 52, 80])
def test_other_ranks_tell_nothing_yet_of_an_attempt_that_comes_later(row: int) -> None:
    then = as_of(_run(_twice_begun(), _twice_begun()), row)
    assert [lane.n_rows for lane in then.lanes] == [row + 1, row + 1]


def test_a_rank_that_did_not_begin_anew_stands_at_the_step_of_the_others() -> None:
    then = as_of(_run(_twice_begun(), _twice_begun()[:51]), 60)
    assert [lane.n_rows for lane in then.lanes] == [61, 30]


def test_a_step_that_was_redone_stands_where_the_log_has_it() -> None:
    redone: list[Record] = [
        {"step": step, "train/loss": 1.0} for step in (*range(50), *range(20, 50))
    ]
    assert as_of(_run(redone), 60).lead.n_rows == 61


def _at(time: float, util: float) -> Machine:
    return Machine(time, {"gpu0/util": util})


def _moved(records: list[Record], seconds: float) -> list[Record]:
    return [
        {**each, "time": each["time"] + seconds} if "time" in each else each for each in records
    ]


HOUR = 3_600.0

ROW = 250
THEN = LOG[ROW]["time"]


def _named(records: list[Record], key: str) -> RunView:
    return replace(_run(records), key=key, name=key)


def test_other_runs_are_as_they_were_at_that_time_and_later_ones_are_not_there() -> None:
    now = _named(LOG, "now")
    beside, sooner, later = (
        _named(_moved(LOG, by), name)
        for by, name in ((10.0, "beside"), (-HOUR, "sooner"), (HOUR, "later"))
    )
    view = View(7, THEN + 2 * HOUR, (later, beside, now, sooner), reading=0.5, notices=("a note",))
    then = Past().view(view, now, ROW)
    assert [run.key for run in then.runs] == ["beside", "now", "sooner"]
    assert then.runs[0].last_time is not None
    assert THEN - 1 < then.runs[0].last_time <= THEN
    assert then.runs[1].lead.n_rows == ROW + 1
    assert then.runs[2] is sooner, "it had ended"
    assert (then.reading, then.notices) == (None, ())


def test_the_machine_is_the_last_sample_before_it_unless_that_is_old() -> None:
    now = _named(LOG, "now")
    view = View(7, THEN + HOUR, (now,), machine=_at(THEN + HOUR, 0.9))
    samples = [_at(THEN - 60, 0.1), _at(THEN - 1, 0.2), _at(THEN + 1, 0.3)]
    assert Past().view(view, now, ROW, samples).machine is samples[1]
    assert Past().view(view, now, ROW, samples[:1]).machine is None
    assert Past().view(view, now, ROW).machine is None


def test_a_run_without_times_is_travelled_in_alone() -> None:
    bare = _named([{"step": step, "train/loss": 1.0} for step in range(50)], "bare")
    view = View(7, THEN, (bare, _named(LOG, "timed")), machine=_at(THEN, 0.9))
    then = Past().view(view, bare, 20, [_at(THEN, 0.9)])
    assert [run.key for run in then.runs] == ["bare"]
    assert then.machine is None


def test_runs_that_did_not_change_are_not_looked_at_anew() -> None:
    past, now, beside = Past(), _named(LOG, "now"), _named(_moved(LOG, 10.0), "beside")
    one = past.view(View(7, THEN, (now, beside)), now, ROW)
    other = past.view(View(8, THEN, (now, beside)), now, ROW)
    assert all(a is b for a, b in zip(one.runs, other.runs, strict=True))


def test_hundreds_of_runs_are_looked_at_a_few_at_a_time_and_no_key_waits() -> None:
    ticks = iter(range(10_000))
    past = Past(lambda: next(ticks) * 0.01)
    runs = tuple(_named(_moved(LOG[:300], 1.0 + at), f"run{at}") for at in range(9))
    view, counts = View(7, THEN, (_named(LOG, "now"), *runs)), []
    for _ in range(9):
        counts.append(len(past.view(view, view.runs[0], ROW).runs))
        if not past.behind:
            break
    assert counts[0] < counts[1] < 10
    assert counts[-1] == 10
    assert past.behind == 0
    earlier = past.view(view, view.runs[0], ROW - 40)
    assert past.behind
    assert len(earlier.runs) == 10, "those not looked at yet stand as they stood a moment ago"
