"""What control groups allow, read from folders as Linux lays them out."""

from pathlib import Path

import pytest

from trainmon.probes.container import Container, Memory

GIB = 2**30


def container(tmp_path: Path, membership: str, files: dict[str, str]) -> Container:
    """Return the container that these files under the root of the groups tell of."""
    for name, text in files.items():
        file = tmp_path / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    told = tmp_path / "membership"
    told.write_text(f"{membership}\n")
    return Container(tmp_path / "cgroup", told)


def test_limits_of_version_2_are_those_of_its_group(tmp_path: Path) -> None:
    told = container(
        tmp_path,
        "0::/job",
        {
            "job/cpu.max": "400000 100000",
            "job/memory.max": str(8 * GIB),
            "job/memory.current": str(5 * GIB),
            "job/memory.stat": f"anon 1\ninactive_file {GIB}\nactive_file 7",
            "job/cpu.stat": "usage_usec 2500000\nuser_usec 1",
        },
    )
    assert told.cores() == 4.0
    assert told.memory() == Memory(8.0 * GIB, 4.0 * GIB)
    assert told.cpu_seconds() == 2.5


def test_limits_of_version_1_are_in_a_tree_for_each_controller(tmp_path: Path) -> None:
    told = container(
        tmp_path,
        "9:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n0::/",
        {
            "cpu,cpuacct/docker/a/cpu.cfs_quota_us": "150000",
            "cpu,cpuacct/docker/a/cpu.cfs_period_us": "100000",
            "cpu,cpuacct/docker/a/cpuacct.usage": "3000000000",
            "memory/docker/a/memory.limit_in_bytes": str(2 * GIB),
            "memory/docker/a/memory.usage_in_bytes": str(GIB),
            "memory/docker/a/memory.stat": f"inactive_file 1\ntotal_inactive_file {GIB // 2}",
        },
    )
    assert told.cores() == 1.5
    assert told.memory() == Memory(2.0 * GIB, GIB / 2)
    assert told.cpu_seconds() == 3.0


def test_inside_a_container_the_path_of_the_host_is_not_there_and_the_root_is_meant(
    tmp_path: Path,
) -> None:
    files = {"memory/memory.limit_in_bytes": str(GIB), "memory/memory.usage_in_bytes": "4096"}
    told = container(tmp_path, "3:memory:/kubepods/pod7/c9", files)
    assert told.memory() == Memory(GIB, 4096.0)


@pytest.mark.parametrize("outer", ["100000 100000", "max 100000"])
def test_the_narrowest_limit_of_nested_groups_holds(tmp_path: Path, outer: str) -> None:
    files = {
        "slurm/cpu.max": outer,
        "slurm/job/cpu.max": "800000 100000",
        "slurm/memory.max": str(4 * GIB),
        "slurm/memory.current": str(3 * GIB),
        "slurm/job/memory.max": "max",
        "slurm/job/memory.current": str(GIB),
    }
    told = container(tmp_path, "0::/slurm/job", files)
    assert told.cores() == (8.0 if outer.startswith("max") else 1.0)
    assert told.memory() == Memory(4.0 * GIB, 3.0 * GIB)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"cpu.max": "max 100000", "memory.max": "max"},
        {"cpu.max": "", "memory.max": "", "memory.stat": "", "cpu.stat": ""},
        {"cpu.max": "what", "memory.max": "ever", "cpu.stat": "usage_usec soon"},
        {"cpu.max": "0 0", "memory.max": "9223372036854771712"},
        {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"},
    ],
)
def test_without_a_limit_there_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    told = container(tmp_path, "0::/", files)
    assert (told.cores(), told.memory(), told.cpu_seconds()) == (None, None, None)


@pytest.mark.parametrize("membership", ["", "nonsense", "0::", "::", "1:cpu", "0::/../../x"])
def test_a_membership_that_tells_nothing_limits_nothing(tmp_path: Path, membership: str) -> None:
    told = container(tmp_path, membership, {})
    assert (told.cores(), told.memory(), told.cpu_seconds()) == (None, None, None)


def test_a_system_without_groups_limits_nothing(tmp_path: Path) -> None:
    told = Container(tmp_path / "no", tmp_path / "none")
    assert (told.cores(), told.memory(), told.cpu_seconds()) == (None, None, None)
