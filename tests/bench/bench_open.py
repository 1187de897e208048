"""Measures what it takes to open a log: bytes to columns, and all rules on them.

    python -m tests.bench.bench_open [--quick]

The ratios are against ``orjson.loads`` of the same chunks in the same run.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from statistics import median

import numpy as np
import orjson

from tests.bench.table import Row, write_table
from trainmon.decode import decode
from trainmon.judge import Judge
from trainmon.monitor import CHUNK, JUDGING_SECONDS, READS
from trainmon.rules import all_rules
from trainmon.store.batch import Batch, batch_of
from trainmon.store.lane import Lane

RECORDS = 200_000
ROUNDS = 5
"""Interleaved runs of each part: their median leaves out a neighbour's burst of work."""

READING_BUDGET = 2.2
"""Times ``orjson.loads`` of the same chunks, for lines to appended columns."""

RULES_BUDGET = 1.0
"""Microseconds per record for all rules together when catching up."""

LIVE_BUDGET = 20.0
"""Microseconds per record for all rules together on a run that is followed."""

_LIVE_RECORDS = 6_000
"""Records that are followed: enough for every window to be full."""

_LIVE_RATE = 20
"""Records per second of the run that is followed, as where the screen is measured. Each is appended
by itself, and those of `JUDGING_SECONDS` are judged together."""


def _log(n_records: int) -> bytes:
    """Return a log of a header and records of eight scalars, with a spike now and then."""
    rng = np.random.default_rng(0)
    steps = np.arange(n_records)
    waits = rng.lognormal(np.log(0.004), 0.3, n_records)
    waits[rng.random(n_records) < 0.003] = 0.2
    times = 1e9 + np.cumsum(waits + 0.1)
    columns = {
        "train/loss": (0.3 + 2 * np.exp(-steps / 2e4)) * rng.lognormal(0, 0.1, n_records),
        "lr": 1e-3 * (1 - steps / n_records),
        "grad_norm": rng.lognormal(0, 0.3, n_records),
        "data_time": waits,
        "step_time": waits + 0.1,
        "samples": 256.0 * steps,
        "sys/gpu0/util": rng.uniform(0.8, 1.0, n_records),
        "sys/gpu0/mem_used": np.full(n_records, 40e9),
    }
    table = np.round(np.stack(list(columns.values()), axis=1), 9).tolist()
    places = zip(steps.tolist(), times.tolist(), table, strict=True)
    lines = [orjson.dumps({"trainmon": 1, "run": "bench", "config": {"epochs": 10}})]
    for step, now, values in places:
        record = {"step": step, "epoch": step / 20_000, "time": now}
        lines.append(orjson.dumps(record | dict(zip(columns, values, strict=True))))
    return b"\n".join([*lines, b""])


def _chunks(log: bytes) -> Iterator[bytes]:
    """Yield the log as the monitor reads it: whole lines of about half a megabyte."""
    borders = [0]
    while borders[-1] < len(log):
        borders.append(log.rfind(b"\n", 0, borders[-1] + CHUNK) + 1)
    return (log[start:stop] for start, stop in pairwise(borders))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _loads(chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        orjson.loads(b"[" + chunk.rstrip().replace(b"\n", b",") + b"]")


def _decode(chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        decode(chunk)


def _read(chunks: Sequence[bytes]) -> Lane:
    lane = Lane()
    for chunk in chunks:
        lane.append(batch_of(decode(chunk).records))
    return lane


def _judge(batches: Sequence[Batch], names: Sequence[str], *, at_once: int = READS) -> None:
    """Judge as the monitor does when it catches up: the rules see some reads as one block."""
    lane = Lane()
    judge = Judge(lane, [rule for rule in all_rules() if rule.id in names])
    for first in range(0, len(batches), at_once):
        for batch in batches[first : first + at_once]:
            lane.append(batch)
        judge.advance()


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return reading and each rule, per record; medians of interleaved runs."""
    chunks = list(_chunks(_log(RECORDS // 4 if quick else RECORDS)))
    batches = [batch_of(decode(chunk).records) for chunk in chunks]
    n_records = sum(batch.n_rows for batch in batches)
    first = decode(b"".join(chunks[:4])).records[:_LIVE_RECORDS]
    together = round(_LIVE_RATE * JUDGING_SECONDS)
    singles = [batch_of([record]) for record in first]
    ids = [rule.id for rule in all_rules()]
    parts: dict[str, Callable[[], object]] = {
        "floor": lambda: _loads(chunks),
        "decode": lambda: _decode(chunks),
        "read": lambda: _read(chunks),
        "append": lambda: _judge(batches, ()),
        "rules": lambda: _judge(batches, ids),
        **{name: partial(_judge, batches, (name,)) for name in ids},
        "live append": partial(_judge, singles, (), at_once=together),
        "live rules": partial(_judge, singles, ids, at_once=together),
    }
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(ROUNDS):
        for name, work in parts.items():
            seconds[name].append(_timed(work))
    each = {name: 1e6 * median(runs) / n_records for name, runs in seconds.items()}
    live = each["live rules"] - each["live append"]
    floor = partial(Row, unit="us/record", beside=each["floor"], named="orjson.loads")
    return [
        floor("lines to objects", each["decode"]),
        floor("lines to columns", each["read"], budget=READING_BUDGET, as_ratio=True),
        floor("appending columns", each["append"]),
        floor("all rules, catching up", each["rules"] - each["append"], budget=RULES_BUDGET),
        *(Row(f"  {name}", each[name] - each["append"], "us/record") for name in ids),
        floor(
            f"all rules, live at {_LIVE_RATE} records/s",
            live * n_records / len(singles),
            budget=LIVE_BUDGET,
        ),
    ]


if __name__ == "__main__":
    write_table(measure("--quick" in sys.argv[1:]))
