"""A spike of the loss is followed until it is back, or until its level counts as a new one."""

import numpy as np

from trainmon.losses.spike import Patience, Spike
from trainmon.store.batch import Floats

PATIENCE = Patience(back_within=2.0, floor=0.01, soon=50, never=500)
SPIKE = Spike("train/loss", row=0, index=0, median=1.0, mad=0.05)


def _followed(values: Floats, cut: int = 10_000) -> list[tuple[str, int]]:
    """Return what is told of a loss from sample 1 on, read `cut` samples at a time."""
    told, spike, seen = list[tuple[str, int]](), SPIKE, 1
    for begin in range(0, len(values), cut):
        part, at = values[begin : begin + cut], 0
        rows = np.arange(seen, seen + len(part), dtype=np.int32)
        while at < len(part):
            event, at, follows = PATIENCE.follow(spike, seen, rows, part, at)
            told += [(event.kind.value, event.row)] if event else []
            if follows is None:
                return told
            spike = follows
        seen += len(part)
    return told


def test_a_loss_that_is_back_soon_clears_it() -> None:
    assert _followed(np.array([5.0, 3.0, 1.05, 1.0])) == [("cleared", 3)]


def test_a_loss_that_stays_is_a_warning_and_may_come_back_later() -> None:
    late = np.concatenate((np.full(99, 5.0), [1.0]))
    assert _followed(late) == [("worsened", 50), ("cleared", 100)]


def test_a_level_that_stays_for_good_counts_as_a_new_one() -> None:
    assert _followed(np.full(600, 5.0)) == [("worsened", 50)]


def test_what_is_told_does_not_depend_on_the_cut() -> None:
    late = np.concatenate((np.full(99, 5.0), [1.0]))
    assert all(_followed(late, cut) == _followed(late) for cut in (1, 7, 64))
