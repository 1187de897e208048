"""Rates of one family that are equal where they must differ."""

import pytest

from trainmon.context import Context
from trainmon.learning.operating_points import OperatingPoints
from trainmon.learning.score_signs import Sign
from trainmon.roles import RunRoles
from trainmon.rule import Block
from trainmon.rules import load
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane
from trainmon.threshold import thresholds

POINTS = thresholds(OperatingPoints, load("degenerate-scores"))


def _sign(rates: dict[str, float], **told: int) -> Sign | None:
    event: Record = {"event": "evaluation", "kind": "binary", "step": 1, **told}
    records: list[Record] = [{"step": 0, **dict.fromkeys(rates, 0.9)}]
    records += [event] if told else []
    records.append({"step": 1, **rates})
    lane = Lane()
    lane.append(batch_of(records))
    context = Context(roles=RunRoles().including(tuple(rates)))
    last = len(records) - 1
    return POINTS.sign(context, Block(lane, last, last + 1), last, tuple(rates))


def _fpr(*values: float) -> dict[str, float]:
    points = zip(("5", "7", "85"), values, strict=False)
    return {f"val/fpr@tpr.{point}": value for point, value in points}


def test_rates_that_differ_show_nothing() -> None:
    assert _sign(_fpr(0.001, 0.002, 0.004)) is None


def test_three_equal_rates_need_no_counts_and_two_wait_for_longer() -> None:
    three, two = _sign(_fpr(0.002, 0.002, 0.002)), _sign(_fpr(0.002, 0.002))
    assert three is not None
    assert three.title == "val/fpr@tpr.5 = .7 = .85 = 0.002: the scores are not apart"
    assert two is not None
    assert (three.warns_at, two.warns_at) == (POINTS.confirm, POINTS.confirm_pair)


@pytest.mark.parametrize(("n", "shows"), [(200, False), (200_000, True)])
def test_counts_tell_whether_so_few_examples_may_well_be_equal(n: int, *, shows: bool) -> None:
    sign = _sign(_fpr(0.01, 0.01, 0.02), n=n, positives=n // 2)
    assert (sign is not None) == shows


def test_a_rate_that_stands_on_one_positive_is_worth_knowing() -> None:
    sign = _sign({"val/tpr@fpr.1": 1 / 62_910, "val/tpr@fpr.2": 0.5}, n=200_000, positives=62_910)
    assert sign is not None
    assert sign.warns_at is None
    assert sign.title.endswith("stands on 1 of 62,910 positives")
