"""Measures how soon the first curves over the whole range of a log can be drawn.

    python -m tests.bench.bench_preview [--quick]

Quick leaves the log of two gigabytes out. Beside it stands the parsing of as many bytes at once.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson

from tests.bench.large_log import write_bytes
from tests.bench.table import Row, main
from trainmon.preview import preview
from trainmon.sources.native import NativeSource

MEGABYTE = 1_000_000

_SIZES = (100, 2_000)
"""Megabytes; quickly without the last."""

_ROUNDS = 15

_SAMPLED = 64 * 32_768 + 262_144
"""Bytes of the blocks that are looked at."""

BUDGET = 30.0
"""Milliseconds of reading until the first curves stand, whatever the size."""


def _measured(path: Path, size: int) -> Row:
    write_bytes(path, size * MEGABYTE)
    lines = path.open("rb").read(_SAMPLED).rpartition(b"\n")[0]
    joined = b"[" + lines.replace(b"\n", b",") + b"]"
    times, floors = [], []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        lane = preview(path, NativeSource)
        times.append(time.perf_counter() - started)
        started = time.perf_counter()
        orjson.loads(joined)
        floors.append(time.perf_counter() - started)
    assert lane is not None, "the log is large enough for a preview"
    floor = 1e3 * median(floors)
    what = f"first curves of {size:,} MB, reading"
    return Row(what, 1e3 * median(times), "ms", BUDGET, floor, "orjson.loads")


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the time until samples of the whole log are there, at two sizes."""
    with TemporaryDirectory() as folder:
        sizes = _SIZES[:1] if quick else _SIZES
        return [_measured(Path(folder) / "rank0.jsonl", size) for size in sizes]


if __name__ == "__main__":
    main(measure)
