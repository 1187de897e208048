"""The rule for the loss scale: how it falls when all is well, and when nothing is."""

from collections.abc import Sequence

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loss-scale-collapse")


def _events(scales: Sequence[float], *, first: int = 0, every: int = 1) -> list[Event]:
    records: list[Record] = [
        {"step": first + every * at, "amp/scale": scale} for at, scale in enumerate(scales)
    ]
    return [decision.event for decision in replay(RULE, records)]


def _halved(*steps: int, length: int = 600, scale: float = 65_536.0) -> list[float]:
    """Return a scale that is halved at some steps."""
    return [scale * 0.5 ** sum(step >= at for at in steps) for step in range(length)]


def test_the_fourth_halving_in_a_hundred_steps_is_a_warning() -> None:
    event, *_ = _events(_halved(200, 230, 260, 290))
    assert (event.row, event.onset, event.severity.word) == (290, 200, "warning")
    assert event.evidence == {"scale": 4096.0, "halvings": 4.0, "steps": 100.0, "highest": 65_536.0}


def test_three_are_ordinary_and_so_are_halvings_that_follow_a_doubling() -> None:
    scales = _halved(200, 230, 260)
    scales[400:404] = [2 * scales[400]] * 4
    assert not _events(scales)


def test_a_scale_of_1_is_an_error() -> None:
    *_, last = _events(_halved(*range(200, 216)))
    assert (last.severity.word, last.evidence["scale"]) == ("error", 1.0)
    assert last.title == "amp/scale has fallen from 65536 to 1"


def test_the_first_fifty_steps_are_for_finding_its_place() -> None:
    assert not _events(_halved(*range(1, 13)))


def test_that_holds_for_records_that_are_rare() -> None:
    scales = [65_536.0, *[512.0] * 30]
    assert not _events(scales, every=100)
    assert _events([*[65_536.0] * 5, *[512.0] * 30], every=100)[0].severity.word == "warning"


def test_a_log_that_begins_in_the_middle_of_a_run_does_not_show_the_beginning() -> None:
    scales = [32_768.0, 32_768.0, 65_536.0, 8_192.0, 4_096.0, 4_096.0]
    event, *_ = _events(scales, first=29_020, every=10)
    assert (event.row, event.onset) == (4, 3)


@pytest.mark.parametrize("scale", [1.0, 0.0])
def test_a_scale_that_is_the_same_from_the_start_is_off(scale: float) -> None:
    assert not _events([scale] * 300)


def test_two_hundred_steps_without_a_halving_clear_it() -> None:
    *_, last = _events(_halved(200, 210, 220, 230))
    assert (last.kind, last.row) == ("cleared", 430)


def test_a_scale_that_ends_at_0_is_told_once_it_is_1() -> None:
    kinds = [(e.kind.value, e.severity.word) for e in _events([*_halved(*range(200, 217)), 0.0])]
    assert ("worsened", "error") in kinds
    assert kinds[-1][1] == "error"


def test_a_resume_gives_it_fifty_steps_again() -> None:
    records: list[Record] = [{"step": at, "amp/scale": 1024.0} for at in range(300)]
    records.append({"event": "resume", "step": 300})
    records += [{"step": 300 + at, "amp/scale": s} for at, s in enumerate(_halved(*range(1, 13)))]
    assert not replay(RULE, records)


def test_doublings_between_the_halvings_are_ordinary() -> None:
    scales = [65_536.0 * 2.0 ** (at // 10 % 2) for at in range(600)]
    assert not _events(scales)
