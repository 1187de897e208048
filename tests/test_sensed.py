"""A run that is watched where it runs: rules of machines on what probes tell, and no other run."""

from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from trainmon.liveness import Process
from trainmon.monitor import Monitor
from trainmon.store.batch import Record
from trainmon.view import Machine, RunView, Status

NOW = 1_000_000_000.0
PID = 7
HEADER: Record = {
    "trainmon": 1,
    "run": "baseline",
    "time": NOW,
    "pid": PID,
    "host": "here",
    "config": {"epochs": 10, "total_steps": 4_000},
}
AT_WORK = {
    "gpu0/util": 0.97,
    "gpu0/power": 600.0,
    "gpu0/power_limit": 700.0,
    "gpu0/mem_used": 40e9,
    "gpu0/mem_total": 80e9,
    "gpu0/clock": 1_900.0,
    "gpu0/clock_max": 1_980.0,
    "gpu0/throttle/sw_thermal": 0.0,
    "gpu1/util": 0.3,
    "cpu": 0.4,
    "mem_used": 20e9,
    "mem_total": 64e9,
    "swap_used": 0.0,
    f"run{PID}/rss": 5e9,
    f"run{PID}/cores": 1.5,
    f"run{PID}/disk_wait": 0.0,
    f"run{PID}/faults": 0.0,
    f"run{PID}/stopped": 0.0,
}


class Watched:
    """A run of one step a second and the machine it is on, second by second."""

    def __init__(self, folder: Path, process: Process = Process.ALIVE) -> None:
        self.path = folder / "baseline" / "rank0.jsonl"
        self.path.parent.mkdir(parents=True)
        self.process = process
        self.now = NOW
        self.seconds = 0
        self._step = 0
        self._append(HEADER)
        self.monitor = Monitor([folder], live=True, process=lambda _: self.process)

    def go_on(
        self,
        seconds: int,
        readings: Mapping[str, float] = AT_WORK,
        *,
        logs: bool = True,
        **more: float | Mapping[str, float],
    ) -> None:
        for _ in range(seconds):
            self.now += 1.0
            if logs:
                self._step += 1
                self._append(
                    {"step": self._step, "time": self.now, "train/loss": 1.0, "epoch": 0.0} | more
                )
            machine = Machine(self.now, dict(readings), gpus_of={PID: ("gpu0",)})
            while self.monitor.step(self.now, machine=machine):
                pass

    def _append(self, record: Record) -> None:
        with self.path.open("ab") as file:
            file.write(orjson.dumps(record) + b"\n")

    @property
    def run(self) -> RunView:
        (run,) = self.monitor.view.runs
        return run

    def found(self, rule: str) -> dict[str, object] | None:
        """Return what is told of an open finding; None if there is none."""
        told = [i for i in self.run.findings if i.rule == rule and not i.cleared]
        return {"title": told[0].title, "live": told[0].live, **told[0].evidence} if told else None


def test_a_gpu_that_idles_is_told_live_and_is_over_when_it_works_again(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.go_on(60)
    assert watched.found("gpu-starved") is None
    assert "gpu-starved" in watched.run.clear
    watched.go_on(200, AT_WORK | {"gpu0/util": 0.4}, data_time=0.5, step_time=1.0)
    told = watched.found("gpu-starved")
    assert told
    assert (told["live"], told["explained_by"], told["gpu"]) == (True, "loader", 0)
    watched.go_on(300)
    assert watched.found("gpu-starved") is None


@pytest.mark.parametrize(
    ("rule", "readings"),
    [
        ("gpu-memory-high", {"gpu0/mem_used": 79.5e9}),
        ("gpu-throttled", {"gpu0/clock": 1_100.0, "gpu0/throttle/sw_thermal": 1.0}),
    ],
)
def test_a_card_that_is_full_or_hot_is_told_live(
    tmp_path: Path, rule: str, readings: dict[str, float]
) -> None:
    watched = Watched(tmp_path)
    watched.go_on(200, AT_WORK | readings)
    told = watched.found(rule)
    assert told
    assert told["live"]


def test_memory_that_grows_is_told_live_with_the_step_at_which_it_is_full(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    for second in range(600):
        watched.go_on(1, AT_WORK | {f"run{PID}/rss": 5e9 + 2e7 * second}, epoch=second / 60)
    told = watched.found("memory-leak")
    assert told
    assert told["live"]
    assert told["of"] == "process"


def test_the_card_of_somebody_else_is_none_of_the_run(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.go_on(200)
    assert not watched.run.findings


def test_what_the_log_tells_of_the_machine_is_not_judged_twice(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.go_on(200, AT_WORK | {"gpu0/util": 0.4}, sys={"gpu0/util": 0.97})
    assert watched.found("gpu-starved") is None


def test_a_run_elsewhere_is_not_judged_by_this_machine(tmp_path: Path) -> None:
    watched = Watched(tmp_path, Process.UNKNOWN)
    watched.go_on(200, AT_WORK | {"gpu0/util": 0.4, "gpu0/mem_used": 79.5e9})
    assert not watched.run.findings
    assert not watched.run.pids


SPINNING = AT_WORK | {"gpu0/util": 1.0, "gpu0/power": 130.0, f"run{PID}/cores": 1.0}
IDLE = AT_WORK | {"gpu0/util": 0.0, "gpu0/power": 70.0, f"run{PID}/cores": 0.0}


@pytest.mark.parametrize(
    ("doing", "readings"),
    [
        ("collective", SPINNING),
        ("gpu", AT_WORK | {"gpu0/util": 1.0}),
        ("cpu", IDLE | {f"run{PID}/cores": 3.0}),
        ("swapping", IDLE | {f"run{PID}/faults": 400.0, "swap_used": 8e9}),
        ("disk", IDLE | {f"run{PID}/faults": 400.0}),
        ("disk", IDLE | {f"run{PID}/disk_wait": 1.0}),
        ("suspended", IDLE | {f"run{PID}/stopped": 1.0}),
        ("idle", IDLE),
    ],
)
def test_what_a_silent_process_does_is_told_apart(
    tmp_path: Path, doing: str, readings: dict[str, float]
) -> None:
    watched = Watched(tmp_path)
    watched.go_on(60)
    watched.go_on(80, readings, logs=False)
    told = watched.found("stalled")
    assert told
    assert (told["doing"], told["live"]) == (doing, True)
    assert watched.run.status == Status.STALLED
    watched.go_on(20)
    assert watched.found("stalled") is None


def test_a_process_that_is_gone_is_a_crash_and_no_standstill(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.go_on(60)
    watched.process = Process.GONE
    watched.go_on(80, logs=False)
    assert watched.found("stalled") is None
    assert watched.found("crashed")
    assert watched.run.status == Status.CRASHED


def test_a_probe_that_hangs_is_no_answer_to_what_a_process_does_now(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.go_on(60)
    for _ in range(80):
        watched.now += 1.0
        watched.monitor.step(watched.now)
    told = watched.found("stalled")
    assert told
    assert "doing" not in told


def test_spikes_are_told_with_the_machine_at_their_time(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    full = AT_WORK | {"mem_used": 63e9, "cpu": 0.99, "gpu0/util": 0.1}
    for step in range(1, 301):
        late = step > 200 and step % 15 == 0
        watched.go_on(1, full if late else AT_WORK, data_time=0.6 if late else 0.004, step_time=1.0)
    told = watched.found("loader-spikes")
    assert told
    assert (told["live"], told["cpu"], told["gpu_util"]) == (False, 0.99, 0.1)
    assert told["mem_share"] == pytest.approx(63 / 64)
    worst = told["worst"]
    assert isinstance(worst, list)
    assert worst[0]["mem_used"] == 63e9
    (decided,) = {d.live for d in watched.run.decisions if d.evidence.get("cpu")}
    assert decided
