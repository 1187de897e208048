"""Logs of any size for benchmarks: records of eight scalars, made once and repeated on and on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import orjson

from trainmon.monitor import Monitor
from trainmon.sources import all_sources

_DISTINCT = 50_000
"""Records that differ in more than their place: enough for every rule to have something to say."""

SCALARS = 8
"""Values of a record beside its step, epoch and time."""


def records() -> Iterator[bytes]:
    """Yield lines of records without end: noisy curves, with a spike now and then."""
    rng = np.random.default_rng(0)
    waits = rng.lognormal(np.log(0.004), 0.3, _DISTINCT)
    waits[rng.random(_DISTINCT) < 0.003] = 0.2
    columns = {
        "train/loss": 0.3 * rng.lognormal(0, 0.1, _DISTINCT),
        "lr": np.full(_DISTINCT, 3e-4),
        "grad_norm": rng.lognormal(0, 0.3, _DISTINCT),
        "data_time": waits,
        "step_time": waits + 0.1,
        "samples": 256.0 * np.arange(_DISTINCT),
        "sys/gpu0/util": rng.uniform(0.8, 1.0, _DISTINCT),
        "sys/gpu0/mem_used": np.full(_DISTINCT, 40e9),
    }
    table = np.round(np.stack(list(columns.values()), axis=1), 9).tolist()
    ends = [orjson.dumps(dict(zip(columns, values, strict=True)))[1:] for values in table]
    now, step = 1e9, 0
    while True:
        for wait, end in zip(waits.tolist(), ends, strict=True):
            now += wait + 0.1
            place = f'{{"step":{step},"epoch":{step / 20_000},"time":{now:.6f},'
            yield place.encode() + end + b"\n"
            step += 1


def write_records(path: Path, count: int) -> None:
    """Write a log of trainmon's own format."""
    with path.open("wb") as file:
        file.write(orjson.dumps({"trainmon": 1, "run": "bench", "config": {"epochs": 10}}) + b"\n")
        file.writelines(islice(records(), count))


def write_bytes(path: Path, size: int) -> None:
    """Write a log of about this many bytes."""
    sample = b"".join(islice(records(), 1_000))
    write_records(path, max(1, 1_000 * size // len(sample)))


@dataclass(frozen=True, slots=True)
class Opening:
    """What it took to open a log in a process of its own, completely and judged by all rules."""

    seconds: float
    """Of the processor, after the imports: it is one thread, and neighbours do not count."""
    peak: int
    """Bytes the process held at most."""
    imported: int
    """Bytes it held before it began."""
    records: int


def opened(path: Path) -> Opening:
    """Open a log in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.large_log", str(path)]
    told = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - ourselves
    return Opening(**orjson.loads(told))


def _peak() -> int:
    """Return the most bytes held since the program began: `getrusage` tells its parent's too."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def _open(path: Path) -> Opening:
    all_sources()
    imported, started = _peak(), time.process_time()
    view = Monitor([path]).read_all(time.time())
    seconds = time.process_time() - started
    return Opening(seconds, _peak(), imported, sum(run.records for run in view.runs))


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(_open(Path(sys.argv[1]))))
