"""Why a checkpoint is missing: the key, the mode, the first value, or nobody wrote it."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from trainmon.checkpoints.due import Due, Reason
from trainmon.checkpoints.saved import Saving
from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.roles import RunRoles
from trainmon.rule import Block, Severity
from trainmon.rules import load
from trainmon.store.batch import batch_of
from trainmon.store.lane import Lane
from trainmon.threshold import thresholds

DUE = thresholds(Due, load("checkpoint-missing"))


def _due(saving: Saving, **settings: Setting) -> tuple[Reason, Severity] | None:
    lane = Lane()
    lane.append(batch_of([{"step": 100 * row, "val/f1": 0.5} for row in range(40)]))
    roles = RunRoles().including(["val/f1"])
    context = Context(settings=MappingProxyType(settings), roles=roles)
    return DUE.at(saving, 30, context, Block(lane, 30, 31))


def _evaluated(*values: float, wanted: bool = True) -> Saving:
    saving = Saving(wanted=wanted)
    for row, value in enumerate(values):
        saving = saving.evaluated(row, value)
    return saving


def test_one_evaluation_is_too_few() -> None:
    assert _due(_evaluated(0.5), monitor="val/f2") is None


def test_a_key_that_nobody_logs_is_named() -> None:
    due = _due(_evaluated(0.3, 0.5), monitor="val/accuracy", checkpoint="best")
    assert due == ("key absent", Severity.WARNING)


def test_a_mode_that_calls_better_worse_is_named() -> None:
    due = _due(_evaluated(0.3, 0.5), monitor="val/f1", mode="min")
    assert due == ("mode inverted", Severity.WARNING)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.5, 0.4), ("never beat its first value", Severity.INFO)),
        ((0.5, 0.4, 0.3), ("never beat its first value", Severity.WARNING)),
        ((0.3, 0.4, 0.5), ("none written", Severity.WARNING)),
    ],
)
def test_without_any_checkpoint_it_says_whether_the_first_value_was_beaten(
    values: tuple[float, ...], expected: tuple[Reason, Severity]
) -> None:
    assert _due(_evaluated(*values), monitor="val/f1", mode="max") == expected


def test_regular_checkpoints_that_stop_are_missed_though_no_metric_decides() -> None:
    regular = replace(_evaluated(0.5, 0.4, wanted=False), checkpoints=4, regardless=4)
    late = replace(regular, last_row=0, widest=500.0)
    assert _due(late) == ("none written", Severity.WARNING)
    assert _due(replace(late, last_row=20)) is None
