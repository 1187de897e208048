"""The rule for training losses that are summed over accumulated batches: what else looks alike."""

from collections.abc import Callable

import numpy as np

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("accumulation-misreport")

STEPS = 50
"""Steps of an epoch, behind each of which stands an evaluation."""

Logged = Callable[[float], float]


def _fall(step: int) -> float:
    return 0.3 + 2.0 * float(np.exp(-step / 60))


def _log(
    logged: Logged,
    epochs: int = 8,
    fall: Callable[[int], float] = _fall,
    **config: object,
) -> list[Record]:
    """Return a log whose training loss is some function of its validation loss."""
    rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for step in range(1, epochs * STEPS + 1):
        place = {"step": step, "epoch": step / STEPS}
        rows.append(place | {"train/loss": logged(fall(step))})
        rows += [place | {"val/loss": fall(step)}] if step % STEPS == 0 else []
    return rows


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _evaluations(records: list[Record], row: int) -> int:
    return sum("val/loss" in record for record in records[: row + 1])


def test_a_sum_over_three_batches_is_told_at_the_second_evaluation() -> None:
    records = _log(lambda val: 3 * 1.1 * val, accum=3)
    first = _events(records)[0]
    assert (first.kind.value, first.severity.word, first.onset) == ("opened", "warning", 1)
    assert _evaluations(records, first.row) == 2


def test_a_sum_over_the_ranks_as_well_is_told_as_such() -> None:
    first = _events(_log(lambda val: 8 * val, accum=2, world_size=4))[0]
    assert (first.evidence["factor"], first.evidence["accumulation"]) == (8, 2)
    assert "2 accumulated batches of 4 ranks" in first.title


def test_a_sum_over_two_takes_four_evaluations() -> None:
    records = _log(lambda val: 2 * val, accum=2)
    assert _evaluations(records, _events(records)[0].row) == 4


def test_first_losses_at_twice_chance_need_no_such_patience() -> None:
    records = _log(lambda val: 2 * val, accum=2, num_classes=10)
    first = _events(records)[0]
    assert _evaluations(records, first.row) == 2
    assert first.evidence["chance_is"] == "ln 10"
    assert round(first.evidence["first_loss"] / first.evidence["chance"]) == 2


def test_dropout_that_grows_past_the_accumulation_is_none() -> None:
    assert not _events(_log(lambda val: val + 0.6, accum=2))


def test_a_mixing_augmentation_is_none_though_the_ratio_is_high_at_once() -> None:
    def fine_tuned(step: int) -> float:
        return 0.4 + 0.05 * float(np.exp(-step / 60))

    assert _events(_log(lambda val: val + 1.0, accum=3, fall=fine_tuned))
    assert not _events(_log(lambda val: val + 1.0, accum=3, fall=fine_tuned, mixup=0.8))


def test_first_losses_at_chance_are_means_whatever_comes_later() -> None:
    def fine_tuned(step: int) -> float:
        return 0.4 if step > 3 else 2.3

    logged: Logged = lambda val: val if val > 1 else 3 * val  # noqa: E731 - one line tells it
    assert not _events(_log(logged, accum=3, fall=fine_tuned, num_classes=10))


def test_a_loss_divided_once_too_often_needs_both_the_beginning_and_the_evaluations() -> None:
    divided = _log(lambda val: val / 4, accum=4, num_classes=10)
    assert "divided once too often" in _events(divided)[0].title
    assert not _events(_log(lambda val: val / 4, accum=4))


def test_a_fine_tuned_language_model_starts_low_and_is_not_divided() -> None:
    def low(step: int) -> float:
        return 2.6 - 0.001 * step

    assert not _events(_log(lambda val: val, accum=4, fall=low, vocab_size=32_000))


def test_nothing_is_said_without_accumulation() -> None:
    assert not _events(_log(lambda val: 3 * val))
    assert not _events(_log(lambda val: 3 * val, accum=1))


def test_it_clears_when_the_ratio_holds_no_longer() -> None:
    records = _log(lambda val: 3 * val if val > 0.35 else val, accum=3, epochs=12)
    kinds = [event.kind.value for event in _events(records)]
    assert kinds[0] == "opened"
    assert kinds[-1] == "cleared"


def test_a_resumed_run_is_not_asked_for_its_first_evaluations() -> None:
    again = _log(lambda val: 3 * val, accum=3, fall=lambda _: 0.3, epochs=5)
    for record in again[1:]:
        record["step"] += 10 * STEPS
        record["epoch"] += 10
    before = _log(lambda val: val + 0.2, accum=3, epochs=10)
    assert not _events([*before, {"event": "resume", "step": 10 * STEPS}, *again])
