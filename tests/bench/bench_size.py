"""Measures what memory an open log takes: per point, and of a log beyond what is held in full.

    python -m tests.bench.bench_size [--quick]

Quick leaves the log of two gigabytes out.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.large_log import SCALARS, Opening, opened, write_bytes, write_records
from tests.bench.table import Row, main

MEGABYTE = 1_000_000

_RECORDS = 1_000_000
_QUICK_RECORDS = 200_000

_LARGE = 2_000
"""Megabytes of a log of which the older part is reduced: of one of ten times the size no more is
held, only in wider buckets."""

SECONDS_BUDGET = 2.0
MEMORY_BUDGET = 220.0
"""MB, the program itself included."""

POINT_BUDGET = 20.0
"""Bytes of memory for each value of a metric, everything included."""

LARGE_BUDGET = 600.0
"""MB: what a lane holds at most, the room in which it is reduced, and the program."""


def _rows(name: str, opening: Opening, *, whole: bool) -> list[Row]:
    points = opening.records * SCALARS
    peak = opening.peak / MEGABYTE
    each = (opening.peak - opening.imported) / points
    return [
        Row(f"opening {name}", opening.seconds, "s", SECONDS_BUDGET if whole else None),
        Row(f"  peak memory of {name}", peak, "MB", MEMORY_BUDGET if whole else None),
        Row(f"  a point of {name}", each, "bytes", POINT_BUDGET if whole else None),
    ]


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return time and memory of a log held in full, and of a much larger one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rank0.jsonl"
        count = _QUICK_RECORDS if quick else _RECORDS
        write_records(path, count)
        rows = _rows(f"{count:,} x {SCALARS}", opened(path), whole=not quick)
        if not quick:
            write_bytes(path, _LARGE * MEGABYTE)
            opening = opened(path)
            peak = opening.peak / MEGABYTE
            rows.append(Row(f"opening {_LARGE:,} MB", opening.seconds, "s"))
            rows.append(Row(f"  peak memory of {_LARGE:,} MB", peak, "MB", LARGE_BUDGET))
    return rows


if __name__ == "__main__":
    main(measure)
