"""Norms that come from a GPU arrive after the step they belong to, in the order of the log."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest
import torch
from torch import Tensor

from trainmon import Writer
from trainmon.writer.watching.batch import Batch
from trainmon.writer.watching.forensics import Forensics
from trainmon.writer.watching.sighting import Pass

Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def forensics(log: Writer) -> Forensics:
    return Forensics(log, save=False)


def late(number: int, inputs: Tensor | None = None) -> Pass:
    batch = Batch(number, number + 1, inputs=inputs)
    return Pass(batch, ["stem", "head"], scaled=False, at_hand=False)


def where(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(event["where"], event["step"]) for event in events]


def test_the_loss_behind_the_norms_decides(forensics: Forensics, events: Read) -> None:
    forensics.arrived(late(0), [inf, inf])
    forensics.flush(if_at_hand=True)
    assert events() == []
    forensics.heard({"train/loss": "NaN"}, 1)
    assert where(events()) == [("loss", 1)]


def test_a_finite_loss_behind_the_norms_leaves_the_gradient(
    forensics: Forensics, events: Read
) -> None:
    forensics.arrived(late(0), [inf, 1.0])
    forensics.heard({"train/loss": 0.5}, 1)
    assert where(events()) == [("gradient", 1)]
    assert events()[0]["parameter"] == "stem"


def test_the_next_norms_show_that_no_loss_was_logged(forensics: Forensics, events: Read) -> None:
    forensics.arrived(late(0), [inf, 1.0])
    forensics.arrived(late(1), [1.0, 1.0])
    assert where(events()) == [("gradient", 1)]


def test_finite_norms_whose_sum_is_not_are_no_trouble(forensics: Forensics, events: Read) -> None:
    forensics.arrived(late(0), [1.7e308, 1.7e308])
    forensics.close()
    assert events() == []


def test_batches_are_kept_for_late_norms_if_bad_ones_are_saved(log: Writer, events: Read) -> None:
    forensics = Forensics(log, save=True)
    kept = [forensics.keep(late(number, torch.ones(1) * number).batch) for number in range(3)]
    assert [batch.content for batch in kept] == [None, None, None]
    forensics.arrived(Pass(kept[1], ["stem"], scaled=False, at_hand=False), [inf])
    forensics.close()
    assert events()[0]["batch"]["ranges"][""]["mean"] == 1.0
    assert torch.load(f"{log.folder}/{events()[0]['saved']}") == torch.ones(1)


def test_other_batches_are_let_go_at_once(log: Writer, events: Read) -> None:
    forensics = Forensics(log, save=False)
    bare = forensics.keep(late(0, torch.ones(1)).batch)
    forensics.arrived(Pass(bare, ["stem"], scaled=False, at_hand=False), [inf])
    forensics.close()
    assert events()[0]["batch"] == {"index": 0}
