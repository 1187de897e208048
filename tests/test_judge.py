"""The judge: turns of the context, open tiles, rules that need whole tiles, and rules that fail."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from trainmon.context import Context
from trainmon.judge import Decision, Judge, replay
from trainmon.roles import Role
from trainmon.rule import TILE, Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane


class Toy(Rule[float]):
    """What the rules of these tests have in common."""

    id = "toy"
    summary = "a rule of a test"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), "log.log(...)"),)

    def begin(self) -> float:
        return 0.0

    @staticmethod
    def fires() -> list[Record]:
        return []

    @staticmethod
    def quiet() -> list[Record]:
        return []


@dataclass(frozen=True)
class Hundreds(Toy):
    """Adds up tile by tile, which is the same at any cut though floating sums are not."""

    tiled = True

    def step(self, state: float, context: Context, block: Block) -> tuple[float, list[Event]]:
        events = []
        for tile in block.tiles():
            samples = tile.samples(context.train_loss)
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                if (state + value) // 100 > state // 100:
                    events.append(_event(row, f"{state + value:.17g}"))
                state += value
        return state, events


@dataclass(frozen=True)
class Turns(Toy):
    """Tells the context of each block."""

    def step(self, state: float, context: Context, block: Block) -> tuple[float, list[Event]]:
        told = f"{context.phase} {context.baseline_row} {context.train_loss}"
        return state, [_event(block.start, told)]


@dataclass(frozen=True)
class Broken(Toy):
    """Raises at the third row."""

    id = "broken"

    def step(self, state: float, context: Context, block: Block) -> tuple[float, list[Event]]:
        del context
        if block.stop > 2:
            raise ZeroDivisionError("a bug")
        return state, []


def _event(row: int, title: str) -> Event:
    return Event(EventKind.OPENED, row, row, Severity.INFO, title)


def _steps(n_records: int) -> list[Record]:
    return [{"step": step, "train/loss": 0.1 * step} for step in range(n_records)]


def _rows(decisions: Sequence[Decision]) -> list[int]:
    return [decision.event.row for decision in decisions]


@pytest.mark.parametrize("cut", [1, 7, 64, TILE, TILE + 1])
def test_a_rule_that_needs_tiles_decides_the_same_at_any_cut(cut: int) -> None:
    records = _steps(3 * TILE + 10)
    records[300] = {"event": "phase", "name": "a turn within a tile"}
    whole = replay(Hundreds(), records)
    assert len(whole) > 20
    assert replay(Hundreds(), records, cut=cut) == whole


def test_an_event_in_the_open_tile_is_told_at_once_and_not_again() -> None:
    lane = Lane()
    judge = Judge(lane, [Hundreds()], strict=True)
    told = []
    for record in _steps(TILE + 10):
        lane.append(batch_of([record]))
        told.append(_rows(judge.advance()))
    assert all(rows in ([], [index]) for index, rows in enumerate(told))


def test_the_context_changes_at_exactly_the_rows_that_tell_it() -> None:
    records: list[Record] = [
        {"step": 1, "loss": 1.0},
        {"step": 2, "loss": 1.0},
        {"event": "phase", "name": "unfreeze"},
        {"step": 3, "loss": 1.0},
        {"step": 2, "train/loss": 1.0},
    ]
    told = [(d.event.row, d.event.title) for d in replay(Turns(), records)]
    assert told == [(0, " 0 loss"), (2, "unfreeze 2 loss"), (4, "unfreeze 4 train/loss")]


def test_decisions_come_in_order_of_rows_then_of_rules() -> None:
    lane = Lane()
    judge = Judge(lane, [Hundreds(), Turns()], strict=True)
    lane.append(batch_of(_steps(100)))
    rows = _rows(judge.advance())
    assert rows == sorted(rows)


def test_without_new_rows_nothing_is_decided() -> None:
    lane = Lane()
    judge = Judge(lane, [Turns()], strict=True)
    lane.append(batch_of(_steps(3)))
    assert judge.advance()
    assert not judge.advance()
    assert judge.judged == 3


def test_a_rule_that_raises_is_stopped_and_told_while_the_others_go_on() -> None:
    lane = Lane()
    judge = Judge(lane, [Broken(), Turns()])
    lane.append(batch_of(_steps(5)))
    assert [decision.rule for decision in judge.advance()] == ["toy"]
    assert judge.failures == {"broken": "ZeroDivisionError: a bug"}
    assert [rule.id for rule in judge.rules] == ["toy"]


def test_a_rule_that_raises_is_not_hidden_from_a_test() -> None:
    with pytest.raises(ZeroDivisionError):
        replay(Broken(), _steps(5))


def test_only_rules_for_every_rank_judge_a_rank_that_does_not_lead() -> None:
    assert not list(Judge(Lane(1), [Turns()], lead=False).rules)
