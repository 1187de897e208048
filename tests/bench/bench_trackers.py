"""What other trackers cost a training loop and lose with its process, beside trainmon.

Each tracker runs in processes of its own, with the settings that it comes with. All log the same
ten numbers per call. Calls are timed in turns, a burst of one tracker after that of another. Then
the process is killed, right after the last call of a burst, and others after that of logging more
slowly; what belongs to it lives on and may write what it has. A tracker that is not installed is
left out.

    python -m tests.bench.bench_trackers [--quick]
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tests.bench.table import Row, main, quantile
from tests.bench.trackers.driven import Driven
from tests.bench.trackers.every import TRACKERS
from tests.bench.trackers.tracker import Tracker

CALLS = 250
"""Calls of one burst, a hundred milliseconds of the slowest. The first, which meets cold caches, is
then less than one in a hundred."""

TURNS = 80
"""Bursts of each tracker."""

_SETTLING = 0.05
"""Seconds after a burst for the threads and processes of a tracker to finish their part of it."""


class Death(NamedTuple):
    """How a training logs before it is killed."""

    name: str
    """What is counted, as the table says it."""
    calls: int
    pause: float


# No multiples of ten or a hundred, at which some trackers happen to have written all.
BURST = Death("1,037 in a burst", 1_037, 0.0)
PACED = (Death("137 at 100 Hz", 137, 0.01), Death("7 at 5 Hz", 7, 0.2))


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the cost of a call and the records lost at ``kill -9``, of each tracker."""
    trackers = list(filter(is_installed, TRACKERS))
    with tempfile.TemporaryDirectory() as name:
        with started(trackers, Path(name) / "timed") as trainings:
            durations = timed(trainings, TURNS // 8 if quick else TURNS)
            rows = [row for share in (0.5, 0.99) for row in cost_rows(trackers, durations, share)]
            # One after the other, as all would be slowed down by the bursts of the others.
            lost = [training.lost_at_death(BURST.calls, BURST.pause) for training in trainings]
            rows += loss_rows(trackers, BURST, lost)
        for death in PACED:
            with started(trackers, Path(name) / f"{death.calls}") as trainings:
                rows += loss_rows(trackers, death, lost_together(trainings, death))
    return rows


def is_installed(tracker: Tracker) -> bool:
    """Return whether a tracker can be measured; say so if it cannot."""
    missing = [module for module in tracker.needs if find_spec(module) is None]
    if missing:
        sys.stderr.write(f"{tracker.name} is not measured without {' and '.join(missing)}\n")
    return not missing


@contextmanager
def started(trackers: Sequence[Tracker], folder: Path) -> Iterator[list[Driven]]:
    """Start a training with each tracker; at the end none of them is left."""
    with ExitStack() as endings:
        trainings = []
        for number, tracker in enumerate(trackers):
            trainings.append(Driven(tracker, folder / f"{number}"))
            endings.callback(trainings[-1].end)
        for training in trainings:
            training.wait_until_ready()
        yield trainings


def timed(trainings: Sequence[Driven], turns: int) -> list[list[int]]:
    """Return the durations (ns) of the calls of each training, which take turns."""
    durations: list[list[int]] = [[] for _ in trainings]
    pairs = list(zip(trainings, durations, strict=True))
    for turn in range(turns):
        for training, own in pairs if turn % 2 else reversed(pairs):
            own.extend(training.timed(CALLS))
            time.sleep(_SETTLING)
    return durations


def lost_together(trainings: Sequence[Driven], death: Death) -> list[int]:
    """Return what each training loses that is killed after logging at a pace, all at one time."""
    with ThreadPoolExecutor(len(trainings)) as threads:
        lost = threads.map(lambda one: one.lost_at_death(death.calls, death.pause), trainings)
        return list(lost)


def cost_rows(
    trackers: Sequence[Tracker], durations: Sequence[Sequence[int]], share: float
) -> list[Row]:
    """Return a quantile of the durations of each tracker beside that of the first, ours."""
    name = "median" if share == 0.5 else f"p{100 * share:.0f}"
    ours, *others = (quantile(own, share) / 1e3 for own in durations)
    what = f"10 scalars, {name}: "
    return [
        Row(what + trackers[0].name, ours, "us"),
        *(
            Row(what + tracker.name, cost, "us", None, ours, trackers[0].name)
            for tracker, cost in zip(trackers[1:], others, strict=True)
        ),
    ]


def loss_rows(trackers: Sequence[Tracker], death: Death, lost: Sequence[int]) -> list[Row]:
    """Return the records that each tracker lost beside those of the first, ours: it may not."""
    ours, *others = lost
    what = f"lost of {death.name}: "
    return [
        Row(what + trackers[0].name, ours, "records", 0.0),
        *(
            Row(what + tracker.name, records, "records", None, ours, trackers[0].name)
            for tracker, records in zip(trackers[1:], others, strict=True)
        ),
    ]


if __name__ == "__main__":
    main(measure)
