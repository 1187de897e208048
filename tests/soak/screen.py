"""Has the screen follow a run for half an hour of its time, with people at the keys.

    python -m tests.soak.screen [--minutes 30] [--seed 0]

The clock is ours: a frame is drawn as soon as the one before is, so that a minute takes some
seconds. Each frame is written as a terminal would get it. Prints how memory grows, and ends with 1
if it grows by more than what the records hold. Let it run after a change to `trainmon.ui`.
"""

import argparse
import asyncio
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console, RenderableType
from textual._compositor import CompositorUpdate
from textual.events import Key
from textual.screen import Screen

from tests.bench.training import line_of
from trainmon.monitor import Monitor
from trainmon.ui.app import Feed, TrainmonApp
from trainmon.ui.terminal.pace import FRAME_SECONDS
from trainmon.view import Machine, View

PER_SECOND = 20
"""Records a second, as the benchmarks have them."""

SERIES = 7
"""Metrics of most of these records."""

PAST = 10_000
"""Records that are there already."""

SIZE = 200, 60
"""Columns and rows: the largest screen of the design."""

POINT_BYTES = 20
"""What a point may take, by the design."""

SLACK = 6e6
"""Bytes that may come and go: arrays that double, caches that fill, and the heap around them."""

SETTLED = 1 / 3
"""The part of the time after which everything that is kept has been made once."""

KEYS = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "1"),
    *("tab", "y", "y", "s", "S", "x", "x", "x", "o", "o"),
    *("plus", "left_square_bracket", "right_square_bracket", "0", "v", "v"),
    *("less_than_sign", "less_than_sign", "greater_than_sign", "greater_than_sign", "escape"),
    *("question_mark", "escape", "slash", "escape", "n", "escape", "t", "p", "p", "enter", "enter"),
)
"""What is pressed, one after the other and again: each leaves the screen as it was."""

EVERY = 10
"""Frames between two keys."""

TURNS = 12
"""Turns of the loop in which a view or a key that was posted reaches whom it is for."""

CALM = 25
"""Frames after which all that was posted is waited for: nothing may pile up."""


class Sent(TrainmonApp):
    """An app without a terminal that writes each frame all the same, and counts what it is."""

    terminal = Console(force_terminal=True, color_system="truecolor", width=SIZE[0], height=SIZE[1])

    def __init__(self, hand: "Hand", clock: Callable[[], float]) -> None:
        super().__init__(hand.make, clock=clock, timer=clock)
        self.frames = 0
        self.characters = 0

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        update: object = renderable
        if isinstance(update, CompositorUpdate):
            self.characters += len(update.render_segments(self.terminal))
            self.frames += 1
        super()._display(screen, renderable)


class Hand:
    """A feed that posts when it is told to."""

    post: Callable[[View], None]

    def make(self, post: Callable[[View], None]) -> Feed:
        self.post = post
        return self

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Look:
    """The memory after some time."""

    minute: float
    records: int
    resident: int
    """Bytes."""
    objects: int
    """Objects that the collector knows."""


class Run:
    """A log that is written, followed and shown; it has its own time, in Unix seconds."""

    def __init__(self, file: Path, seed: int) -> None:
        self.now = self.start = time.time()
        self.step = 0
        self._file = file
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        file.parent.mkdir(parents=True)
        self.write(PAST)
        self.monitor = Monitor([file.parent], live=True)
        while self.monitor.step(self.now):
            pass

    def write(self, records: int) -> None:
        """Write records, the last of them now."""
        lines = []
        for behind in range(records - 1, -1, -1):
            self.step += 1
            lines.append(line_of(self.step, self.now - behind / PER_SECOND, self._chance))
        with self._file.open("ab") as file:
            file.writelines(lines)

    def go_on(self) -> View:
        """Let the time of a frame go by, and return the view then."""
        before = self.now
        self.now += FRAME_SECONDS
        self.write(round(PER_SECOND * FRAME_SECONDS))
        self.monitor.wake([self._file], self.now)
        sampled = int(self.now) > int(before)
        self.monitor.step(self.now, machine=self._sample() if sampled else None)
        return self.monitor.view

    def _sample(self) -> Machine:
        readings = {f"gpu{each}/util": self._chance.random() for each in range(8)}
        return Machine(self.now, {**readings, "cpu": self._chance.random(), "mem_used": 1e9})


async def soak(folder: Path, minutes: float, seed: int) -> tuple[list[Look], Sent]:
    """Follow a run for some minutes of its time; return how the memory was, minute by minute."""
    run, hand = Run(folder / "run" / "rank0.jsonl", seed), Hand()
    app = Sent(hand, lambda: run.now)
    looks: list[Look] = []
    async with app.run_test(size=SIZE) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        frames = round(minutes * 60 / FRAME_SECONDS)
        for frame in range(1, frames + 1):
            hand.post(run.go_on())
            if frame % EVERY == 0:
                app.post_message(Key(KEYS[frame // EVERY % len(KEYS)], None))
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if frame % CALM == 0:
                await pilot.pause()
            if frame % round(60 / FRAME_SECONDS) == 0:
                looks.append(look((run.now - run.start) / 60, run.step))
    return looks, app


def look(minute: float, records: int) -> Look:
    """Return how much memory there is."""
    gc.collect()
    memory = psutil.Process().memory_info().rss
    return Look(minute, records, memory, len(gc.get_objects()))


def growth(looks: list[Look]) -> float:
    """Return by how many bytes memory grew since it settled, less what the records may take."""
    settled = looks[int(len(looks) * SETTLED)]
    records = looks[-1].records - settled.records
    return looks[-1].resident - settled.resident - records * SERIES * POINT_BYTES


def main() -> int:
    """Soak for some minutes, and tell how it went."""
    parser = argparse.ArgumentParser(description="Keep the screen open for long.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        looks, app = asyncio.run(soak(Path(name), options.minutes, options.seed))
    for each in looks:
        sys.stdout.write(
            f"minute {each.minute:4.1f}: {each.records:,} records, {each.resident / 1e6:.1f} MB, "
            f"{each.objects:,} objects\n"
        )
    grown = growth(looks)
    flat = grown <= SLACK
    sys.stdout.write(
        f"{app.frames:,} frames of {app.characters / max(app.frames, 1):,.0f} characters in "
        f"{time.monotonic() - begun:.0f} s; memory grew by {grown / 1e6:+.1f} MB beside the "
        f"records, {'flat' if flat else 'NOT FLAT'}\n"
    )
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
