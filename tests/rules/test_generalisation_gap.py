"""The rule for a gap between the losses: that it stands, and that nothing gets worse."""

from collections.abc import Sequence

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("generalisation-gap")


def _events(trains: Sequence[float], vals: Sequence[float]) -> list[Event]:
    """Return the events of a log of 50 steps an epoch."""
    records: list[Record] = []
    for epoch, (train, val) in enumerate(zip(trains, vals, strict=True)):
        for step in range(50):
            place = {"step": 50 * epoch + step + 1, "epoch": epoch + (step + 1) / 50}
            records.append(place | {"train/loss": train})
        records.append(place | {"val/loss": val})
    return [decision.event for decision in replay(RULE, records)]


def test_a_gap_that_stands_is_info_and_says_how_large_it_is() -> None:
    event = _events([1.0, 0.5, 0.2, *[0.1] * 8], [1.2, 0.8, 0.6, *[0.5] * 8])[0]
    assert event.severity.word == "info"
    assert round(event.evidence["gap"], 2) == 0.4
    assert event.metric == "val/loss"


def test_it_is_told_once_and_seldom_again() -> None:
    events = _events([0.1] * 60, [0.5] * 60)
    assert [event.kind.value for event in events].count("opened") == 1
    assert len(events) < 30


def test_a_gap_that_opens_is_not_told() -> None:
    assert not _events([1.0 - 0.07 * n for n in range(12)], [1.0] * 12)


def test_a_validation_loss_that_rises_is_for_overfitting_to_tell() -> None:
    assert not _events([0.1] * 12, [0.5 + 0.03 * n for n in range(12)])


def test_a_rise_clears_it() -> None:
    vals = [0.5] * 10 + [0.7] * 6
    assert _events([0.1] * 16, vals)[-1].kind.value == "cleared"


def test_a_small_gap_is_ordinary() -> None:
    assert not _events([0.45] * 12, [0.5] * 12)


def test_a_gap_within_the_noise_of_an_evaluation_is_none() -> None:
    vals = [0.5 + 0.25 * (-1) ** n for n in range(12)]
    assert not _events([0.35] * 12, vals)


def test_losses_below_zero_have_a_gap_as_well() -> None:
    assert _events([-1.4] * 12, [-0.6] * 12)[0].evidence["gap"] > 0.7
