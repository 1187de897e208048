import os
from collections import namedtuple
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.probes.clock import Clock
from tests.probes.test_container import container
from trainmon.probes.container import Container
from trainmon.probes.cpu import CpuUse
from trainmon.probes.host import HostProbe

GIB = 2**30


class Times(NamedTuple):
    """The counters of a core as Linux has them."""

    user: float = 0.0
    system: float = 0.0
    idle: float = 0.0
    iowait: float = 0.0
    guest: float = 0.0


Bare = namedtuple("Bare", "user system idle")  # noqa: PYI024 - as on systems that count no waiting


def use_of(*looks: list[Times]) -> CpuUse:
    return CpuUse(iter(looks).__next__)


def test_the_host_tells_its_load_and_its_memory_within_bounds() -> None:
    probe = HostProbe()
    readings = probe.sample()
    names = {"cores", "cores_total", "mem_used", "mem_total", "swap_used"}
    assert names <= readings.keys() <= names | {"cpu", "io_wait", "mem_host"}
    assert 0 <= readings.get("cpu", 0.0) <= 1
    assert 0 < readings["mem_used"] <= readings["mem_total"]
    assert readings["swap_used"] >= 0
    assert 0 < readings["cores"] <= readings["cores_total"] == os.cpu_count()


def test_the_use_is_of_the_time_since_the_last_look() -> None:
    use = use_of(
        [Times(user=100.0, idle=50.0), Times(idle=10.0)],
        [Times(user=103.0, idle=51.0), Times(idle=12.0, iowait=1.0, system=1.0)],
    ).look()
    assert use is not None
    assert use.busy == 0.5
    assert use.io_wait == 0.125
    assert use.cores == (0.75, 0.25)


def test_only_the_cores_that_we_may_run_on_count() -> None:
    use = use_of([Times(), Times()], [Times(user=1.0), Times(idle=1.0)]).look({1})
    assert use is not None
    assert (use.busy, use.cores) == (0.0, (1.0, 0.0))


def test_the_time_of_guests_is_counted_once() -> None:
    use = use_of([Times()], [Times(user=2.0, guest=2.0, idle=2.0)]).look()
    assert use is not None
    assert use.busy == 0.5


def test_a_system_that_counts_no_waiting_is_read_too() -> None:
    looks = iter([[Bare(0.0, 0.0, 0.0)], [Bare(1.0, 0.0, 3.0)]])
    use = CpuUse(looks.__next__).look()
    assert use is not None
    assert (use.busy, use.io_wait) == (0.25, 0.0)


def test_counters_that_run_backwards_and_looks_without_time_between_tell_nothing_false() -> None:
    looks = use_of([Times(user=5.0)], [Times(user=5.0)], [Times(user=4.0)], [Times(), Times()])
    assert [looks.look() for _ in range(3)] == [None, None, None]


def test_in_a_container_its_limits_are_the_whole(tmp_path: Path) -> None:
    files = {
        "cpu.max": "50000 100000",
        "cpu.stat": "usage_usec 1000000",
        "memory.max": str(2 * 2**20),
        "memory.current": str(2**20),
    }
    clock = Clock()
    probe = HostProbe(container=container(tmp_path, "0::/", files), clock=clock)
    (tmp_path / "cgroup" / "cpu.stat").write_text("usage_usec 1500000\n")
    clock.pass_by(2.0)
    readings = probe.sample()
    assert readings["cores"] == 0.5
    assert readings["cpu"] == 0.5
    assert (readings["mem_used"], readings["mem_total"]) == (2**20, 2 * 2**20)
    assert readings["mem_host"] > readings["mem_total"]


def test_a_limit_above_what_there_is_limits_nothing(tmp_path: Path) -> None:
    files = {"memory.max": str(2**59), "cpu.max": "100000000 1000"}
    readings = HostProbe(container=container(tmp_path, "0::/", files)).sample()
    assert "mem_host" not in readings
    assert readings["cores"] <= readings["cores_total"]


def test_what_cannot_be_read_leaves_the_rest(tmp_path: Path) -> None:
    def refuses() -> list[Times]:
        raise PermissionError("/proc/stat")

    cpu = use_of([Times()])
    probe = HostProbe(container=Container(tmp_path, tmp_path), cpu=cpu)
    cpu._read = refuses  # noqa: SLF001 - the file of the kernel that is hidden later on
    readings = probe.sample()
    assert "cpu" not in readings
    assert readings["mem_total"] > 0


@pytest.mark.parametrize("shares", [(0.0, 1.0), (0.5, 0.25)])
def test_each_core_is_told_in_percent(shares: tuple[float, float]) -> None:
    begin = [Times(), Times()]
    later = [Times(user=4 * share, idle=4 * (1 - share)) for share in shares]
    probe = HostProbe(cpu=use_of(begin, later))
    assert probe.cores == b""
    probe.sample()
    assert list(probe.cores) == [100 * share for share in shares]
