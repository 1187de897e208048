"""A run as it stood earlier: what a log that ended there would have told."""

import pytest

from tests.ui.scenes import RULES, healthy, overfitting
from trainmon.as_of import as_of
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.view import RunView

LOG = overfitting()


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
    assert set(then.clear) | {i.rule for i in then.findings} >= set(short.clear)


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


def test_a_step_that_was_redone_stands_where_the_log_has_it() -> None:
    redone: list[Record] = [
        {"step": step, "train/loss": 1.0} for step in (*range(50), *range(20, 50))
    ]
    assert as_of(_run(redone), 60).lead.n_rows == 61
