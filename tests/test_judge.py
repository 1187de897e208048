"""The judge: turns of the context, whom rows concern, cells, and rules that fail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pytest

from trainmon.context import Context
from trainmon.judge import Decision, Judge, replay
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
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
class Cells(Toy):
    """Tells the median of each cell of the train loss, and how often it was stepped."""

    def watched(self, context: Context) -> Collection[str]:
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        return (context.train_loss,) if context.train_loss else ()

    def step(self, state: float, context: Context, block: Block) -> tuple[float, list[Event]]:
        digest = block.digest(context.train_loss)
        new = range(digest.since(block.start), len(digest))
        events = [_event(int(digest.rows[at]), f"{digest.median[at]:.3g}") for at in new]
        return state + 1, events


@dataclass(frozen=True)
class Hearing(Toy):
    """Tells the checkpoints, and every row of the block that brings one."""

    hears = frozenset({"checkpoint"})

    def watched(self, context: Context) -> Collection[str]:
        del context
        return ()

    def step(self, state: float, context: Context, block: Block) -> tuple[float, list[Event]]:
        del context
        return state, [_event(event.row, f"{event.kind} {block.start}") for event in block.events]


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


@pytest.mark.parametrize("cut", [1, 7, 8, 64])
def test_cells_are_the_same_at_any_cut_and_begin_anew_at_a_baseline(cut: int) -> None:
    records = _steps(100)
    records[50] = {"event": "phase", "name": "a turn within a cell"}
    whole = replay(Cells(), records)
    assert _rows(whole) == [*range(7, 50, 8), *range(58, 100, 8)]
    assert whole[0].event.title == "0.35"
    assert replay(Cells(), records, cut=cut) == whole


def test_a_rule_paced_by_a_metric_is_stepped_once_a_cell() -> None:
    lane = Lane()
    judge = Judge(lane, [Cells()], strict=True)
    told = []
    for record in _steps(40):
        lane.append(batch_of([record]))
        told.append(len(judge.advance()))
    assert [row for row, count in enumerate(told) if count] == [7, 15, 23, 31, 39]


def test_a_rule_that_hears_of_events_sees_all_rows_since_the_last_turn_or_step() -> None:
    records = [*_steps(20), {"event": "checkpoint"}, *_steps(3), {"event": "checkpoint"}]
    told = [d.event.title for d in replay(Hearing(), records, cut=5)]
    assert told == ["checkpoint 20", "checkpoint 21"]


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
    judge = Judge(lane, [Cells(), Turns()], strict=True)
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
