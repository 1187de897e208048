"""Checkpoints in the log: which file, saved for which metric, and how good it was."""

import io
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import pytest
import torch

from trainmon import Writer
from trainmon.writer.stopping import Checkpoints

Events = Callable[[str], list[dict[str, Any]]]


def told(events: Events) -> list[dict[str, Any]]:
    left_out = {"event", "time"}
    return [{k: v for k, v in e.items() if k not in left_out} for e in events("checkpoint")]


def test_a_checkpoint_may_be_a_path_alone(log: Writer, events: Events) -> None:
    Checkpoints(log).tell(Path("runs") / "last.pt", step=5, epoch=1)
    assert told(events) == [{"path": "runs/last.pt", "step": 5, "epoch": 1}]


def test_a_checkpoint_is_of_the_step_that_was_logged_last(log: Writer, events: Events) -> None:
    log.log({"train/loss": 0.5}, step=7)
    Checkpoints(log).tell("last.pt")
    assert told(events) == [{"path": "last.pt", "step": 7}]


@pytest.mark.parametrize(
    "arguments", [({"val/f1": 0.7},), ("val/f1", 0.7), ({"val/f1": torch.tensor([0.7]).double()},)]
)
def test_the_metric_may_be_given_with_its_value(
    log: Writer, events: Events, arguments: tuple[Any, ...]
) -> None:
    Checkpoints(log).tell("best.pt", *arguments)
    [checkpoint] = told(events)
    assert checkpoint["metric"] == "val/f1"
    assert checkpoint["value"] == pytest.approx(0.7)


def test_a_metric_that_is_remembered_has_the_value_that_was_logged_last(
    log: Writer, events: Events
) -> None:
    checkpoints = Checkpoints(log)
    checkpoints.remember("val/f1")
    for f1 in (0.5, 0.7, nan):
        log.log({"val": {"f1": f1}})
        checkpoints.tell("best.pt", "val/f1")
    assert [event["value"] for event in told(events)] == [0.5, 0.7, "NaN"]


def test_a_metric_not_asked_for_before_has_its_value_from_the_next_checkpoint_on(
    log: Writer, events: Events, stderr: io.StringIO
) -> None:
    checkpoints = Checkpoints(log)
    for f1 in (0.5, 0.7):
        log.log({"val/f1": f1})
        checkpoints.tell("best.pt", "val/f1")
    assert told(events) == [
        {"path": "best.pt", "metric": "val/f1"},
        {"path": "best.pt", "metric": "val/f1", "value": 0.7},
    ]
    assert 'log.checkpoint(path, metric={"val/f1": value}) tells it' in stderr.getvalue()


def test_no_metric_at_all_is_none(log: Writer, events: Events) -> None:
    Checkpoints(log).tell("best.pt", {})
    assert told(events) == [{"path": "best.pt"}]
