"""What ``log.watch(model, optimizer)`` costs a training step on a CPU.

A small transformer takes some 50 ms a step, half of its steps watched at the default interval, in
turns. The difference of two such times is mostly the machine's. But what a watch does depends on
the parameters and not on the batch, so the same model is also trained on a single token: there the
difference shows, and a hundred steps in a row hold one that samples all layers.

    python -m tests.bench.bench_watch [--quick]
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from torch import nn

from tests.bench.table import Row, main
from trainmon import Writer
from trainmon.writer.watching import Watch

EVERY = 100
"""Steps between two samples of all layers: the default."""

WIDTH, LAYERS = 128, 4
"""A transformer of 48 parameters, 0.8 million values."""

LARGE, SMALL = (10, 80), (1, 1)
"""Sequences and tokens of a batch: one takes about 50 ms on one thread, the other few."""

LARGE_BLOCK, SMALL_BLOCK = 3, EVERY
"""Steps of one turn: a fraction of a second, so that both sides of a pair meet the same machine."""

LARGE_TURNS, SMALL_TURNS = 130, 20
"""Pairs of turns: their median ratio settles within half a percent on a quiet machine."""

WARM_UP = 3
"""Steps before the first that counts: they allocate."""

SHARE = 0.01
"""Of a step's time, that a watch may take."""


class Training:
    """Steps of a model, each on the same batch and logged."""

    def __init__(self, folder: Path, shape: tuple[int, int], *, watched: bool) -> None:
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 4 * WIDTH, dropout=0.0, batch_first=True)
        self._model = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self._optimizer = torch.optim.AdamW(self._model.parameters(), lr=1e-4)
        self._batch = torch.randn(*shape, WIDTH)
        self._log = Writer(folder)
        self._done = 0
        if watched:
            Watch(self._log, self._model, self._optimizer, every=EVERY)
        self.seconds(WARM_UP)

    def seconds(self, steps: int) -> float:
        """Return how long one of `steps` takes on average."""
        start = time.perf_counter()
        for _ in range(steps):
            self._step()
        return (time.perf_counter() - start) / steps

    def _step(self) -> None:
        self._optimizer.zero_grad()
        loss = self._model(self._batch).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._done += 1
        self._log.log({"train/loss": loss}, step=self._done)


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return a watched step beside another, and what the watch adds to it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        watched, bare = in_turns(LARGE, LARGE_BLOCK, LARGE_TURNS // (5 if quick else 1))
        small_watched, small_bare = in_turns(SMALL, SMALL_BLOCK, SMALL_TURNS // (5 if quick else 1))
    finally:
        torch.set_num_threads(threads)
    step = median(bare)
    ratio = median(one / other for one, other in zip(watched, bare, strict=True))
    added = median(one - other for one, other in zip(small_watched, small_bare, strict=True))
    return [
        Row(
            "a watched step",
            ratio * step * 1e3,
            "ms",
            1 + SHARE,
            step * 1e3,
            "unwatched",
            as_ratio=True,
        ),
        Row("what watching adds to a step", added * 1e6, "us", SHARE * step * 1e6),
    ]


def in_turns(shape: tuple[int, int], block: int, turns: int) -> tuple[list[float], list[float]]:
    """Return the seconds of a step in each turn, watched and unwatched."""
    with tempfile.TemporaryDirectory() as folder:
        watched = Training(Path(folder) / "watched", shape, watched=True)
        bare = Training(Path(folder) / "bare", shape, watched=False)
        found: dict[Training, list[float]] = {watched: [], bare: []}
        for turn in range(turns):
            pair = (watched, bare) if turn % 2 else (bare, watched)
            for training in pair:
                found[training].append(training.seconds(block))
    return found[watched], found[bare]


if __name__ == "__main__":
    main(measure)
