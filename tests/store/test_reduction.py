"""A log beyond all memory: its older part is reduced, and what is decided of it is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from trainmon.judge import Decision, Judge
from trainmon.rules import all_rules
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

RECORDS = 24_000
LIMIT = 40_000
"""Numbers held: those of some thousands of the records."""


def _log() -> list[Record]:
    """Return a log with spikes, stalls and evaluations that turn bad, over many epochs."""
    rng = np.random.default_rng(0)
    loss = rng.lognormal(0, 0.1, RECORDS) * (1 + 5 * (rng.random(RECORDS) < 0.001))
    waits = rng.lognormal(np.log(0.004), 0.3, RECORDS) + 0.3 * (rng.random(RECORDS) < 0.01)
    times = 1e9 + np.cumsum(waits + 0.1)
    loss[777], loss[1_234] = 40.0, 0.01
    records: list[Record] = []
    for step in range(RECORDS):
        place = {"step": step, "epoch": step / 500, "time": float(times[step])}
        values = {"train/loss": float(loss[step]), "data_time": float(waits[step])}
        records.append({**place, **values})
        if step % 500 == 499:
            accuracy = 0.8 if step < RECORDS // 2 else 0.01
            records.append({**place, "val/acc": accuracy, "val/loss": 0.5 + step / RECORDS})
    return records


def _judged(records: Sequence[Record], lane: Lane) -> list[Decision]:
    judge = Judge(lane, all_rules(), strict=True)
    decisions = []
    for start, stop in pairwise((*range(0, len(records), 500), len(records))):
        lane.append(batch_of(records[start:stop]))
        decisions += judge.advance()
    return decisions


@dataclass(frozen=True, slots=True)
class Reduced:
    """A log, the lane that holds it within the limit, and what was decided on the way."""

    records: list[Record]
    lane: Lane
    decisions: list[Decision]


@pytest.fixture(scope="module")
def reduced() -> Reduced:
    records, lane = _log(), Lane(limit=LIMIT)
    return Reduced(records, lane, _judged(records, lane))


def test_the_same_is_decided_whether_the_log_is_held_in_full_or_not(reduced: Reduced) -> None:
    assert reduced.lane.first_full > RECORDS // 2
    rules = {decision.rule for decision in reduced.decisions}
    assert {"loss-spike", "loader-spikes", "metric-collapse"} <= rules
    assert reduced.decisions == _judged(reduced.records, Lane())


def test_a_reduced_lane_keeps_within_its_limit_and_says_what_is_reduced(reduced: Reduced) -> None:
    assert Lane(limit=LIMIT).reduction == ""
    view = reduced.lane.view()
    held = sum(map(len, view.series.values()))
    assert held < LIMIT
    assert view.n_rows == len(reduced.records)
    assert f"the first {reduced.lane.first_full:,} records" in reduced.lane.reduction


def test_a_curve_keeps_its_outline_and_its_places(reduced: Reduced) -> None:
    lane = reduced.lane
    samples = lane.view().series["train/loss"]
    assert (samples.values.max(), samples.values.min()) == (40.0, 0.01)
    assert (np.diff(samples.rows) > 0).all()
    highest = samples.rows[samples.values.argmax()]
    assert abs(lane.steps[int(highest)] - 777) < 200
    np.testing.assert_array_equal(lane.steps[samples.rows], np.round(lane.steps[samples.rows]))


def test_evaluations_keep_their_exact_places(reduced: Reduced) -> None:
    rows = reduced.lane.samples("val/acc").rows
    assert reduced.lane.steps[rows].tolist() == list(range(499, RECORDS, 500))


def test_an_earlier_view_stays_as_it_was_when_the_lane_is_reduced(reduced: Reduced) -> None:
    lane = Lane(limit=LIMIT)
    _judged(reduced.records[:5_000], lane)
    view = lane.view()
    before = view.series["train/loss"].values.copy(), np.asarray(view.steps)
    _judged(reduced.records[5_000:], lane)
    assert lane.first_full > 5_000
    np.testing.assert_array_equal(view.series["train/loss"].values, before[0])
    np.testing.assert_array_equal(np.asarray(view.steps), before[1])


def test_a_lane_that_is_judged_anew_is_judged_from_where_it_is_held_in_full(
    reduced: Reduced,
) -> None:
    anew = Judge(reduced.lane, all_rules(), strict=True).advance()
    assert min(decision.event.row for decision in anew) >= reduced.lane.first_full
    assert {d.rule for d in anew} <= {d.rule for d in reduced.decisions}
