"""What a sample of this machine costs: eight GPUs, and the host with a run on it.

The GPUs are those of a driver's library of our own, so that what is measured is Python's part;
beside it the same questions are put to nvidia-ml-py without any guard. The host is this one; beside
it psutil reads the same counters. A sample is taken once a second.

    python -m tests.bench.bench_probe [--quick]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
import pynvml

from tests.bench.table import Row, main
from trainmon.probes.nvml import NvmlProbe
from trainmon.probes.whole_host import WholeHost

STUB = Path(__file__).parents[1] / "probes" / "stub" / "nvml.c"

GPUS = 8

ROUNDS = 300
"""Samples of each kind, in turns: the median settles within 5 %."""

BUDGET = 5.0
"""Milliseconds: half a percent of a core, with a sample a second."""

Pair = tuple[float, float]
"""Milliseconds of a sample, and of the bare calls."""


def in_turns(ours: Callable[[], object], bare: Callable[[], object], rounds: int) -> Pair:
    """Return the median milliseconds of both, taken in turns on the same machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, seconds in zip((ours, bare), taken, strict=True):
            begin = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begin)
    return median(taken[0]) * 1e3, median(taken[1]) * 1e3


def bare_nvml(*, bus: int) -> None:
    """Put the questions of a sample to the binding; PCIe is asked of one card each time."""
    for index in range(pynvml.nvmlDeviceGetCount()):
        card = pynvml.nvmlDeviceGetHandleByIndex(index)
        pynvml.nvmlDeviceGetUtilizationRates(card)
        pynvml.nvmlDeviceGetMemoryInfo(card, pynvml.nvmlMemory_v2)
        pynvml.nvmlDeviceGetPowerUsage(card)
        pynvml.nvmlDeviceGetEnforcedPowerLimit(card)
        pynvml.nvmlDeviceGetTemperature(card, pynvml.NVML_TEMPERATURE_GPU)
        pynvml.nvmlDeviceGetClockInfo(card, pynvml.NVML_CLOCK_SM)
        pynvml.nvmlDeviceGetClockInfo(card, pynvml.NVML_CLOCK_MEM)
        pynvml.nvmlDeviceGetCurrentClocksEventReasons(card)
        pynvml.nvmlDeviceGetFieldValues(card, [(138, 0xFFFF_FFFF), (139, 0xFFFF_FFFF)])
        pynvml.nvmlDeviceGetTotalEccErrors(card, 0, 0)
        pynvml.nvmlDeviceGetTotalEccErrors(card, 1, 0)
        if index == bus:
            pynvml.nvmlDeviceGetPcieThroughput(card, pynvml.NVML_PCIE_UTIL_TX_BYTES)
            pynvml.nvmlDeviceGetPcieThroughput(card, pynvml.NVML_PCIE_UTIL_RX_BYTES)
        pynvml.nvmlDeviceGetGraphicsRunningProcesses(card)
        pynvml.nvmlDeviceGetComputeRunningProcesses(card)
        pynvml.nvmlDeviceGetMigMode(card)


def bare_host() -> None:
    """Read the counters of a sample."""
    psutil.cpu_times(percpu=True)
    psutil.virtual_memory()
    psutil.swap_memory()
    psutil.disk_io_counters()
    psutil.net_io_counters(pernic=True)
    os.getloadavg()
    process = psutil.Process()
    with process.oneshot():
        process.cpu_times()
        process.memory_info()
    process.cpu_affinity()


def of_gpus(rounds: int) -> Pair:
    """Return what a sample of the GPUs takes, where the driver's library is installed."""
    probe = NvmlProbe()
    probe.read()
    return in_turns(probe.read, lambda: bare_nvml(bus=0), rounds)


def of_host(rounds: int) -> Pair:
    """Return what a sample of the host takes, with this process as a run."""
    host = WholeHost()
    host.pids = (os.getpid(),)
    return in_turns(host.read, bare_host, rounds)


def beside_the_stub(rounds: int) -> Pair | None:
    """Return what a sample of the stub's GPUs takes; None without a compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/libnvidia-ml.so.1"
        build = [compiler, "-O2", "-std=gnu11", "-shared", "-fPIC", "-o", library, str(STUB)]
        subprocess.run(build, check=True)  # noqa: S603 - the system's compiler
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "tests.bench.bench_probe", "--gpus", str(rounds)],
            env=os.environ | {"LD_LIBRARY_PATH": folder, "NVML_STUB": f"gpus={GPUS}"},
            check=True,
            capture_output=True,
        )
    ours, bare = json.loads(done.stdout)
    return ours, bare


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks
    """Return the cost of a sample."""
    rounds = ROUNDS // 10 if quick else ROUNDS
    rows = []
    if pair := beside_the_stub(rounds):
        what = f"probe, {GPUS} GPUs of a stub, a sample"
        rows.append(_row(what, pair, "nvidia-ml-py, the same calls"))
    rows.append(
        _row("probe, host and a run, a sample", of_host(rounds), "psutil, the same counters")
    )
    return rows


def _row(what: str, pair: Pair, named: str) -> Row:
    return Row(what, pair[0], "ms", BUDGET, pair[1], named)


if __name__ == "__main__":
    if "--gpus" in sys.argv[1:]:
        sys.stdout.write(json.dumps(of_gpus(int(sys.argv[-1]))))
    else:
        main(measure)
