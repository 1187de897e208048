"""Measures whether the time to open a log grows as its size does, and no faster.

    python -m tests.bench.bench_linear [--quick]

Each size is opened in a process of its own; thoroughly that is a log of a gigabyte.
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.large_log import opened, write_bytes
from tests.bench.table import Row, main

MEGABYTE = 1_000_000

_SIZES = (10, 100, 1_000)
"""Megabytes; quickly without the last."""

_ROUNDS = 3

LINEAR_BUDGET = 1.3
"""Times the seconds per megabyte of the smallest log: small logs are in caches."""


def _seconds_per_megabyte(folder: Path, size: int) -> float:
    path = folder / f"{size}.jsonl"
    write_bytes(path, size * MEGABYTE)
    rounds = _ROUNDS if size < max(_SIZES) else 1
    seconds = median(opened(path).seconds for _ in range(rounds))
    megabytes = path.stat().st_size / MEGABYTE
    path.unlink()
    return seconds / megabytes


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the time per megabyte of each size, beside that of the smallest."""
    with TemporaryDirectory() as folder:
        sizes = _SIZES[:-1] if quick else _SIZES
        each = {size: 1e3 * _seconds_per_megabyte(Path(folder), size) for size in sizes}
    smallest = each[_SIZES[0]]
    named = f"of {_SIZES[0]} MB"
    return [
        Row(f"opening {_SIZES[0]} MB", smallest, "ms/MB"),
        *(
            Row(f"opening {size:,} MB", each[size], "ms/MB", LINEAR_BUDGET, smallest, named, True)  # noqa: FBT003 - the budget is a ratio
            for size in sizes[1:]
        ),
    ]


if __name__ == "__main__":
    main(measure)
