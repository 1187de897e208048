"""The rule for training losses far above the validation loss: how far, how long, and when not."""

from collections.abc import Sequence

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("train-above-val")


def _events(ratios: Sequence[float], val: float = 0.4, **config: object) -> list[Event]:
    """Return the events of a log of 100 steps an epoch with these ratios of the losses."""
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for epoch, ratio in enumerate(ratios):
        for step in range(100):
            place = {"step": 100 * epoch + step + 1, "epoch": epoch + (step + 1) / 100}
            records.append(place | {"train/loss": ratio * val})
        records.append(place | {"val/loss": val})
    return [decision.event for decision in replay(RULE, records)]


def _kinds(ratios: Sequence[float], **config: object) -> list[str]:
    return [event.kind.value for event in _events(ratios, 0.4, **config)]


def test_three_evaluations_of_twice_the_loss_are_info() -> None:
    event = _events([2.0] * 4)[0]
    assert (event.severity.word, event.evidence["evaluations"]) == ("info", 3)
    assert event.evidence["ratio"] == 2.0


def test_two_are_not_told() -> None:
    assert not _kinds([1.0, 2.0, 2.0, 1.0, 1.0])


def test_a_fifth_above_is_ordinary() -> None:
    assert not _kinds([1.2] * 8)


def test_what_accumulation_explains_is_for_another_rule() -> None:
    assert _kinds([3.6] * 5)
    assert not _kinds([3.6] * 5, accum=3)
    assert _kinds([3.6] * 5, accum=8)


def test_it_clears_below_1_3_and_not_before() -> None:
    assert "cleared" not in _kinds([2.0] * 4 + [1.4] * 3)
    assert _kinds([2.0] * 4 + [1.1] * 3)[-1] == "cleared"


def test_a_steep_fall_between_two_evaluations_is_no_gap() -> None:
    records: list[Record] = []
    for step in range(1, 601):
        place = {"step": step, "epoch": step / 100}
        level = 0.5 ** (step / 100)
        records.append(place | {"train/loss": level})
        records += [place | {"val/loss": level}] if step % 100 == 0 else []
    assert not replay(RULE, records)


def test_losses_below_zero_have_no_ratio() -> None:
    assert not _events([2.0] * 5, val=-0.4)


def test_the_dropout_is_told() -> None:
    assert _events([2.0] * 4, dropout=0.5)[0].evidence["dropout"] == 0.5
