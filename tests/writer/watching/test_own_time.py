"""The time of a process's own part of a step, with a clock that the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from trainmon import Writer
from trainmon.writer.seen import SeenBatch
from trainmon.writer.watching.own_time import HostClock, OwnTime


class Stopwatch:
    """A clock of the host, and of a GPU that is some marks late."""

    def __init__(self, late: int = 0) -> None:
        self.now = 100.0
        self.passed = 0
        self._late = late

    def __call__(self) -> float:
        return self.now

    def begin(self, handed: float | None) -> float:
        del handed
        return self.mark()

    def mark(self) -> float:
        self.passed += 1
        return self.now

    def between(self, one: float, other: float) -> float | None:
        self._late -= 1
        return None if self._late >= 0 else other - one


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "run") as log:
        yield log


MODEL = nn.Linear(2, 1)


def _pass(own: OwnTime, watch: Stopwatch, *, forward: float, backward: float) -> None:
    watch.now += forward
    own.forward_begins(MODEL, ())
    watch.now += backward
    own.backward_ends()


def test_it_is_from_the_forward_pass_where_no_batch_was_handed_over(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    _pass(own, watch, forward=5.0, backward=0.25)
    watch.now += 3.0  # the exchange
    assert own.step_ended() == 0.25


def test_it_is_from_the_batch_in_hand(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    log.seen.append(SeenBatch(0, 0, 8, handed=watch.now))
    _pass(own, watch, forward=0.5, backward=0.25)
    assert own.step_ended() == 0.75


def test_a_batch_of_the_step_before_does_not_count_again(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    log.seen.append(SeenBatch(0, 0, 8, handed=watch.now))
    _pass(own, watch, forward=0.5, backward=0.25)
    _pass(own, watch, forward=2.0, backward=0.25)
    assert own.step_ended() == 1.0


def test_passes_whose_gradients_are_accumulated_are_added_up(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    for _ in range(4):
        _pass(own, watch, forward=1.0, backward=0.25)
    assert own.step_ended() == 1.0
    assert own.step_ended() is None


def test_an_evaluation_is_no_part_of_a_step(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    with torch.no_grad():
        own.forward_begins(MODEL, ())
    watch.now += 9.0
    _pass(own, watch, forward=1.0, backward=0.25)
    assert own.step_ended() == 0.25


def test_a_pass_that_came_to_nothing_is_forgotten_with_its_batch(log: Writer) -> None:
    watch = Stopwatch()
    own = OwnTime(log, HostClock(watch))
    own.forward_begins(MODEL, ())  # the loss was NaN, and the loop went on
    watch.now += 9.0
    log.seen.append(SeenBatch(1, 0, 8, handed=watch.now))
    _pass(own, watch, forward=0.5, backward=0.25)
    assert own.step_ended() == 0.75


def test_the_times_of_a_gpu_are_told_when_they_are_known(log: Writer) -> None:
    watch = Stopwatch(late=2)
    own = OwnTime(log, watch)
    told = []
    for backward in (0.25, 0.5, 0.75, 1.0):
        _pass(own, watch, forward=1.0, backward=backward)
        told.append(own.step_ended())
    assert told == [None, None, 0.75, 1.0]


def test_a_process_alone_has_no_such_time(log: Writer) -> None:
    assert OwnTime.of(log, MODEL) is None
