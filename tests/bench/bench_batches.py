"""What ``log.batches(loader)`` adds to each batch, over a bare loop over the same ones.

The batches are made beforehand, 256 samples of 64 float32 with a target each, so that nothing but
the hand-over is measured. After each one the loop logs its loss, as loops do; what that call takes
longer, because the loader's metrics join its line, stands in a row of its own.

    python -m tests.bench.bench_batches [--quick]
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch

from tests.bench.table import Row, main, quantile
from trainmon import Writer
from trainmon.writer.loading import batches

PASSES = 30
"""Passes of each kind, in turns: the median settles within 3 %."""

LENGTH = 500
"""Batches of a pass."""

DIFFERENT = 100
"""Batches that a pass goes through again and again: 6 MB, more than the nearest caches hold."""

BUDGET = 20.0
"""Microseconds per batch."""


class Ready:
    """A loader whose batches wait in memory."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.batches = [make() for _ in range(DIFFERENT)]

    def __iter__(self) -> Iterator[object]:
        for index in range(LENGTH):
            yield self.batches[index % DIFFERENT]


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.rand(256, 64), torch.randint(0, 10, (256,))


def mapping() -> dict[str, Any]:
    inputs, targets = pair()
    return {"inputs": inputs, "targets": targets}


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the cost per batch of tuples and of mappings."""
    torch.set_num_threads(1)
    passes = PASSES // 5 if quick else PASSES
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, make in (("tuples", pair), ("mappings", mapping)):
            rows += compared(Path(folder), kind, Ready(make), passes)
    return rows


def compared(folder: Path, kind: str, loader: Ready, passes: int) -> list[Row]:
    """Return what passes over `loader` cost with and without the writer."""
    watching, plain = Writer(folder / kind), Writer(folder / f"{kind}-bare")
    ours: list[float] = []
    bare: list[float] = []
    our_logs: list[float] = []
    bare_logs: list[float] = []
    for _ in range(passes):
        timed(batches(watching, loader), watching, ours, our_logs)
        timed(loader, plain, bare, bare_logs)
    watching.finish()
    plain.finish()
    what = f"log.batches(), 256 x 64 in {kind}"
    tail = quantile(ours, 0.99) - quantile(bare, 0.99)
    added = median(ours) - median(bare)
    joined = median(our_logs) - median(bare_logs)
    return [
        Row(f"{what}, median", added, "us", BUDGET, median(bare), "bare loop"),
        Row(f"{what}, p99", tail, "us", None, quantile(bare, 0.99), "bare loop"),
        Row(f"{what}, log() of its metrics", joined, "us", None, median(bare_logs), "log() alone"),
    ]


def timed(loader: Iterable[object], log: Writer, fetches: list[float], logs: list[float]) -> None:
    """Go through `loader`, logging a loss for each batch; add the microseconds of both."""
    clock = time.perf_counter_ns
    step = int(log.step or 0)
    iterator = iter(loader)
    while True:
        asked = clock()
        try:
            next(iterator)
        except StopIteration:
            break
        got = clock()
        step += 1
        log.log({"train/loss": 0.5}, step=step)
        logs.append((clock() - got) / 1e3)
        fetches.append((got - asked) / 1e3)


if __name__ == "__main__":
    main(measure)
