"""Measures what opening the same data takes in other formats, and in TensorBoard's own reader.

    python -m tests.bench.bench_formats [--quick]

Without the package ``tensorboard`` the rows of event files are left out.
"""

import csv
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.bench.large_log import SCALARS, records
from tests.bench.table import Row, main
from trainmon.monitor import Monitor

_SCALARS = 100_000
_QUICK_SCALARS = 20_000

_ROUNDS = 3

NAN_BUDGET = 3.0
"""Times the same log of finite numbers."""

ACCUMULATOR_BUDGET = 0.1
"""Times TensorBoard's EventAccumulator on the same data."""

_PLACES = ("step", "epoch", "time")

Log = Sequence[dict[str, Any]]
Write = Callable[[Path, Log], None]


def _write_lines(path: Path, log: Log) -> None:
    (path / "metrics.jsonl").write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in log))


def _write_nan_lines(path: Path, log: Log) -> None:
    """Write bare NaN for every second value, as Python's json does."""
    with (path / "metrics.jsonl").open("w") as file:
        for each in log:
            broken = {key: float("nan") for key in list(each)[len(_PLACES) :: 2]}
            file.write(json.dumps(each | broken) + "\n")


def _write_spaced_lines(path: Path, log: Log) -> None:
    (path / "metrics.jsonl").write_text("".join(json.dumps(each) + "\n" for each in log))


def _write_table(path: Path, log: Log) -> None:
    with (path / "metrics.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(log[0]))
        table.writeheader()
        table.writerows(log)


def _write_events(path: Path, log: Log) -> None:
    """Write what TensorBoard writes: one event for each scalar."""
    proto = "tensorboard.compat.proto"
    event, summary = (import_module(f"{proto}.{each}_pb2") for each in ("event", "summary"))
    writing = import_module("tensorboard.summary.writer.event_file_writer")
    writer = writing.EventFileWriter(str(path))
    for each in log:
        for tag in list(each)[len(_PLACES) :]:
            value = summary.Summary.Value(tag=tag, simple_value=each[tag])
            told = summary.Summary(value=[value])
            writer.add_event(event.Event(step=each["step"], wall_time=each["time"], summary=told))
    writer.close()


def _open(path: Path) -> None:
    Monitor([path]).read_all(time.time())


def _accumulate(path: Path) -> None:
    module = import_module("tensorboard.backend.event_processing.event_accumulator")
    module.EventAccumulator(str(path), size_guidance={module.SCALARS: 0}).Reload()


def _timed(work: Mapping[str, Callable[[], object]], count: int) -> dict[str, float]:
    """Return microseconds a scalar; medians of interleaved runs."""
    for run in work.values():
        run()  # what is imported and compiled on the way is no part of it
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(_ROUNDS):
        for name, run in work.items():
            started = time.process_time()
            run()
            seconds[name].append(time.process_time() - started)
    return {name: 1e6 * median(runs) / count for name, runs in seconds.items()}


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return each format per scalar, beside lines of JSON or TensorBoard's reader."""
    count = _QUICK_SCALARS if quick else _SCALARS
    log = [orjson.loads(line) for line in islice(records(), count // SCALARS)]
    formats: dict[str, Write] = {
        "JSON lines": _write_lines,
        "JSON lines of Python's json": _write_spaced_lines,
        "JSON lines half of NaN": _write_nan_lines,
        "CSV": _write_table,
    }
    if find_spec("tensorboard") is not None:
        formats["TensorBoard events"] = _write_events
    with TemporaryDirectory() as name:
        work: dict[str, Callable[[], object]] = {}
        for number, (title, write) in enumerate(formats.items()):
            folder = Path(name) / str(number)
            folder.mkdir()
            write(folder, log)
            work[title] = partial(_open, folder)
            if write is _write_events:
                work["EventAccumulator"] = partial(_accumulate, folder)
        each = _timed(work, count)
    return _rows(each)


def _rows(each: Mapping[str, float]) -> list[Row]:
    row = partial(Row, unit="us/scalar", as_ratio=True)
    lines, spaced = each["JSON lines"], each["JSON lines of Python's json"]
    nan, table = each["JSON lines half of NaN"], each["CSV"]
    rows = [
        row("opening JSON lines", lines),
        row("  half of NaN", nan, budget=NAN_BUDGET, beside=spaced, named="finite"),
        row("opening CSV", table, beside=lines, named="JSON lines"),
    ]
    if "EventAccumulator" in each:
        beside = partial(row, beside=each["EventAccumulator"], named="EventAccumulator")
        rows.append(beside("opening TensorBoard events", each["TensorBoard events"]))
        rows.append(beside("opening JSON lines", lines, budget=ACCUMULATOR_BUDGET))
    return rows


if __name__ == "__main__":
    main(measure)
