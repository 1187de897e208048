"""Ranks find one folder, and a launcher's restart goes on in the same file."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer
from trainmon.errors import WriterError

Read = Callable[[Path], list[dict[str, Any]]]

NOBODY = 2**22 + 1
"""A process that cannot be: the kernel's highest id is 2^22."""

LATER = 100_000.0
"""Seconds after the other launches of these tests: long after its ranks found each other."""


def taken_by(*logs: Writer) -> list[str]:
    return [f"{Path(log.folder).name}/{Path(log.path).name}" for log in logs]


@pytest.fixture
def dead_process(folder: Path) -> Callable[..., None]:
    """Return a function that leaves the log of a process of this host that died."""

    def write(
        launch: str, *, host: str = socket.gethostname(), pid: int = NOBODY, last: bytes = b""
    ) -> None:
        folder.mkdir(parents=True)
        header = f'{{"trainmon":1,"time":5.0,"launch":"{launch}","host":"{host}","pid":{pid}}}\n'
        (folder / "rank0.jsonl").write_bytes(header.encode() + last)

    return write


@pytest.mark.parametrize("name", ["TORCHELASTIC_RUN_ID", "SLURM_JOB_ID"])
def test_a_launcher_that_starts_a_dead_process_again_continues_its_file(
    folder: Path, dead_process: Callable[..., None], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    dead_process("job-7")
    monkeypatch.setenv(name, "job-7")
    log = Writer(folder)
    assert (log.run, log.attempt) == ("baseline", 1)


def test_a_restart_on_another_host_continues_the_file(
    folder: Path, dead_process: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_process("job-7", host="another")
    monkeypatch.setenv("SLURM_JOB_ID", "job-7")
    assert Writer(folder).attempt == 1


def test_a_restart_that_was_given_the_same_process_id_continues_the_file(
    folder: Path, dead_process: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_process("job-7", pid=os.getpid())
    monkeypatch.setenv("SLURM_JOB_ID", "job-7")
    assert Writer(folder).attempt == 1


def test_another_launch_takes_another_folder(
    folder: Path, dead_process: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_process("job-7")
    monkeypatch.setenv("SLURM_JOB_ID", "job-8")
    assert Writer(folder).run == "baseline-2"


def test_a_run_that_finished_is_not_restarted(
    folder: Path, dead_process: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_process("job-7", last=b'{"event":"finish"}\n')
    monkeypatch.setenv("SLURM_JOB_ID", "job-7")
    assert Writer(folder).run == "baseline-2"


def test_two_runs_at_once_of_one_job_do_not_mix(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "job-7")
    assert taken_by(Writer(folder), Writer(folder)) == [
        "baseline/rank0.jsonl",
        "baseline-2/rank0.jsonl",
    ]


def test_a_launch_id_that_says_nothing_is_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    Writer(folder)
    assert "launch" not in read(folder / "rank0.jsonl")[0]


def test_a_torchrun_without_an_id_that_starts_a_dead_process_again_continues_its_file(
    folder: Path, run_script: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both attempts have this process as their parent, as they would have torchrun's."""
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("RANK", "0")
    attempts = [run_script(DIES, folder) for _ in range(3)]
    assert attempts == ["baseline 0\n", "baseline 1\n", "baseline 2\n"]


DIES = """
import os, sys
from trainmon import Writer

log = Writer(sys.argv[1])
print(log.run, log.attempt, flush=True)
os._exit(0)
"""


@pytest.mark.parametrize(
    ("rank_name", "size_name"),
    [
        ("RANK", "WORLD_SIZE"),
        ("SLURM_PROCID", "SLURM_NTASKS"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ],
)
def test_each_rank_of_a_launcher_has_a_file_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, read: Read, rank_name: str, size_name: str
) -> None:
    monkeypatch.setenv(rank_name, "3")
    monkeypatch.setenv(size_name, "8")
    log = Writer(folder)
    assert (log.rank, log.world_size) == (3, 8)
    header = read(folder / "rank3.jsonl")[0]
    assert (header["rank"], header["world_size"]) == (3, 8)


@pytest.mark.parametrize(("rank", "size"), [("", "8"), ("x", "8"), ("8", "8"), ("-1", "8")])
def test_a_rank_that_makes_no_sense_is_that_of_a_single_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rank: str, size: str
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", size)
    log = Writer(folder)
    assert (log.rank, log.world_size) == (0, 1)


def test_ranks_find_the_same_folder_again_and_again(folder: Path) -> None:
    first = [Writer(folder, rank=rank, world_size=2) for rank in (0, 1)]
    second = [Writer(folder, rank=rank, world_size=2) for rank in (1, 0)]
    assert {Path(log.folder).name for log in first} == {"baseline"}
    assert {Path(log.folder).name for log in second} == {"baseline-2"}


def test_ranks_given_without_their_number_share_a_folder(folder: Path) -> None:
    assert taken_by(Writer(folder, rank=0), Writer(folder, rank=1)) == [
        "baseline/rank0.jsonl",
        "baseline/rank1.jsonl",
    ]


def test_a_launch_of_more_ranks_does_not_mix_with_one_of_fewer(folder: Path) -> None:
    Writer(folder)
    assert taken_by(*(Writer(folder, rank=rank, world_size=2) for rank in (1, 0))) == [
        "baseline-2/rank1.jsonl",
        "baseline-2/rank0.jsonl",
    ]


def test_a_rank_does_not_join_a_launch_of_long_ago(folder: Path) -> None:
    Writer(folder, rank=0, world_size=2, clock=lambda: 0.0)
    late = Writer(folder, rank=1, world_size=2, clock=lambda: LATER)
    assert taken_by(late) == ["baseline-2/rank1.jsonl"]


def test_a_rank_joins_its_own_launch_however_late(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "job-7")
    Writer(folder, rank=0, world_size=2, clock=lambda: 0.0)
    late = Writer(folder, rank=1, world_size=2, clock=lambda: LATER)
    assert taken_by(late) == ["baseline/rank1.jsonl"]


@pytest.mark.parametrize(("rank", "world_size"), [(2, 2), (-1, None), ("0", None), (0.5, 2)])
def test_a_rank_that_is_given_must_be_one_of_the_ranks(
    folder: Path, rank: object, world_size: object
) -> None:
    with pytest.raises(WriterError):
        Writer(folder, rank=rank, world_size=world_size)  # type: ignore[arg-type]  # wrong on purpose
