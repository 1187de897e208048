"""A composed loss: its parts and their weighted sum, without waiting for a device."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, Self

import numpy as np
import torch

from trainmon import Writer
from trainmon.writer.stopping import Parts
from trainmon.writer.stopping.parts import weighted_sum

Events = Callable[[str], list[dict[str, Any]]]
Read = Callable[[Path], list[dict[str, Any]]]


class OnDevice:
    """A value on a device: it can be computed with, and refuses to be waited for."""

    def __init__(self, term: str) -> None:
        self.term = term

    def __mul__(self, weight: float) -> "OnDevice":
        return OnDevice(f"{weight} {self.term}")

    def __add__(self, other: "OnDevice") -> "OnDevice":
        return OnDevice(f"{self.term} + {other.term}")

    def detach(self) -> "OnDevice":
        return OnDevice(f"detached {self.term}")

    def float(self) -> Self:
        return self

    def item(self) -> NoReturn:
        raise AssertionError("waited for the device")

    __float__ = __bool__ = item


def metrics_of(log: Writer, read: Read) -> list[dict[str, Any]]:
    lines = [line for line in read(Path(log.path))[1:] if "event" not in line]
    return [{name: v for name, v in line.items() if name != "time"} for line in lines]


def test_parts_are_logged_as_they_are_and_their_sum_weighted(log: Writer, read: Read) -> None:
    Parts(log).log({"loss_cls": 0.5, "loss_aux": 1.0}, {"loss_aux": 0.5}, step=1, epoch=0.1)
    assert metrics_of(log, read) == [
        {"train/loss/cls": 0.5, "train/loss/aux": 1.0, "train/loss": 1.0, "step": 1, "epoch": 0.1}
    ]


def test_a_total_that_is_given_is_logged_instead_of_the_sum(log: Writer, read: Read) -> None:
    Parts(log).log({"cls": 0.5, "aux": 1.0}, {}, total=torch.tensor(3.0))
    assert metrics_of(log, read)[0]["train/loss"] == 3.0


def test_a_part_that_is_absent_in_a_step_is_left_out(log: Writer, read: Read) -> None:
    Parts(log).log({"cls": 0.5, "aux": None}, {"aux": 0.5})
    assert metrics_of(log, read) == [{"train/loss/cls": 0.5, "train/loss": 0.5}]


def test_no_parts_are_no_line(log: Writer, read: Read) -> None:
    Parts(log).log({}, {})
    assert metrics_of(log, read) == []


def test_parts_of_any_library_add_up(log: Writer, read: Read) -> None:
    half = torch.tensor(0.25, dtype=torch.bfloat16, requires_grad=True)
    Parts(log).log({"a": half, "b": np.float32(0.5), "c": 1.0}, {"a": 2.0})
    assert metrics_of(log, read)[0]["train/loss"] == 2.0


def test_the_graph_of_the_loss_is_left_alone() -> None:
    weight = torch.tensor(2.0, requires_grad=True)
    loss = weight * 3.0
    total = weighted_sum({"cls": loss}, {"cls": weight})
    assert not total.requires_grad
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types there
    assert weight.grad == 3.0


def test_the_sum_of_values_on_a_device_is_computed_there() -> None:
    total = weighted_sum({"cls": OnDevice("cls"), "aux": OnDevice("aux")}, {"aux": 0.4})
    assert total.term == "detached cls + 0.4 detached aux"


def test_a_weight_of_no_part_is_told(log: Writer, stderr: io.StringIO) -> None:
    Parts(log).log({"loss_cls": 0.5, "loss_aux": 1.0}, {"loss_aus": 0.5, "cls": 2.0})
    assert stderr.getvalue() == "trainmon: weights name no part of the loss: aus\n"


def test_parts_that_do_not_add_up_are_logged_and_their_sum_is_not(
    log: Writer, read: Read, stderr: io.StringIO
) -> None:
    Parts(log).log({"cls": 0.5, "aux": {}}, {})
    assert metrics_of(log, read) == [{"train/loss/cls": 0.5}]
    assert "the sum of the parts failed" in stderr.getvalue()


def test_weights_that_stay_the_same_are_told_once_as_configuration(
    log: Writer, events: Events, read: Read
) -> None:
    parts = Parts(log)
    for step in range(3):
        parts.log({"loss_cls": 0.5, "loss_aux": 1.0}, {"loss_cls": 1, "loss_aux": 0.4}, step=step)
    told = [event["config"] for event in events("config")]
    assert told == [{"loss_weights": {"cls": 1.0, "aux": 0.4}, "aux_weight": 0.4}]
    assert all("train/loss_weight/aux" not in line for line in metrics_of(log, read))


def test_the_one_weight_there_is_belongs_to_the_auxiliary_part(log: Writer, events: Events) -> None:
    Parts(log).log({"cls": 0.5, "deep_supervision": 1.0}, {"deep_supervision": 0.2})
    assert events("config")[0]["config"]["aux_weight"] == 0.2


def test_weights_that_change_become_metrics(log: Writer, events: Events, read: Read) -> None:
    parts = Parts(log)
    for step, weight in enumerate([0.5, 0.5, 0.4, 0.3]):
        parts.log({"cls": 0.5, "aux": 1.0}, {"aux": weight}, step=step)
    assert len(events("config")) == 1
    weights = [line.get("train/loss_weight/aux") for line in metrics_of(log, read)]
    assert weights == [None, None, 0.4, 0.3]


def test_weights_that_are_learned_are_metrics_from_the_start(
    log: Writer, events: Events, read: Read
) -> None:
    learned = torch.tensor(0.5, requires_grad=True)
    Parts(log).log({"cls": 0.5, "aux": 1.0}, {"aux": learned})
    assert events("config") == []
    assert metrics_of(log, read)[0]["train/loss_weight/aux"] == 0.5
