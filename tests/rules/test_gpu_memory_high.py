"""The rule for GPUs whose memory is nearly full."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("gpu-memory-high")


def _log(shares: Sequence[float], **more: float) -> list[Record]:
    return [
        {"step": step, "sys/gpu0/mem_used": 80e9 * share, "sys/gpu0/mem_total": 80e9} | more
        for step, share in enumerate(shares)
    ]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_card_that_stays_nearly_full_is_worth_knowing() -> None:
    event, *_ = events = _events(_log([0.7] * 40 + [0.96] * 100))
    assert (event.row, event.onset) == (87, 40)
    assert {event.severity.word for event in events} == {"info"}


def test_a_full_card_is_a_warning() -> None:
    event, *_ = _events(_log([0.985] * 60))
    assert (event.severity.word, event.row) == ("warning", 23)
    assert event.evidence["share"] == pytest.approx(0.985)


def test_one_that_is_nearly_full_and_fills_up_is_a_warning() -> None:
    last = _events(_log([0.95 + step / 3_000 for step in range(120)]))[-1]
    assert (last.severity.word, last.title.endswith("rising")) == ("warning", True)


def test_one_whose_allocator_had_to_retry_is_a_warning() -> None:
    records = [r | {"num_alloc_retries": r["step"] // 20} for r in _log([0.96] * 100)]
    *_, last = _events(records)
    assert last.severity.word == "warning"
    assert last.evidence["retries"] >= 1


def test_peaks_are_no_trouble() -> None:
    assert not _events(_log([0.99 if step % 6 == 0 else 0.7 for step in range(200)]))


def test_without_the_whole_of_a_card_nothing_is_said() -> None:
    assert not _events([{"step": n, "sys/gpu0/mem_used": 80e9} for n in range(100)])


def test_the_whole_of_a_card_may_be_told_once() -> None:
    records = [{"step": n, "sys/gpu0/mem_used": 79e9} for n in range(60)]
    assert _events([{"sys/gpu0/mem_total": 80e9}, *records])


def test_it_is_over_when_there_is_room_again() -> None:
    assert _events(_log([0.99] * 60 + [0.6] * 60))[-1].kind == "cleared"


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_it_does_not_depend_on_the_cut(cut: int) -> None:
    shares = np.random.default_rng(cut).choice([0.9, 0.955, 0.985], 40).repeat(20)
    records = _log(shares.tolist())
    assert replay(RULE, records, cut=cut) == replay(RULE, records)
