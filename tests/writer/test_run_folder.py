"""Which folder and file a writer takes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer
from trainmon.errors import WriterError

Read = Callable[[Path], list[dict[str, Any]]]


def test_a_used_folder_is_left_alone_and_its_neighbour_taken(folder: Path, read: Read) -> None:
    logs = [Writer(folder) for _ in range(3)]
    assert [log.run for log in logs] == ["baseline", "baseline-2", "baseline-3"]
    assert read(folder.with_name("baseline-2") / "rank0.jsonl")[0]["run"] == "baseline-2"
    assert len(read(folder / "rank0.jsonl")) == 1


def test_a_file_called_like_a_neighbour_is_passed_over(folder: Path) -> None:
    Writer(folder)
    folder.with_name("baseline-2").touch()
    assert Writer(folder).run == "baseline-3"


def test_a_folder_with_other_files_is_not_a_used_one(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "best.pt").touch()
    assert Writer(f"{folder}/").run == "baseline"


def test_a_resumed_run_goes_on_in_its_file_with_another_header(folder: Path, read: Read) -> None:
    for _ in range(3):
        with Writer(folder, resume=True) as log:
            log.log({"loss": 1.0}, step=1)
    headers = [line for line in read(folder / "rank0.jsonl") if "trainmon" in line]
    assert [header["attempt"] for header in headers] == [0, 1, 2]
    assert log.attempt == 2


def test_the_last_header_is_found_however_far_back_it_is(folder: Path) -> None:
    with Writer(folder) as log:
        log.event("note", text="x")
    Writer(folder, resume=True)
    with (folder / "rank0.jsonl").open("ab") as file:
        file.write(b'{"loss":1.0,"step":1}\n' * 200_000)
    assert Writer(folder, resume=True).attempt == 2


def test_a_half_last_line_is_left_as_it_is_and_the_next_begins_anew(folder: Path) -> None:
    Writer(folder)
    path = folder / "rank0.jsonl"
    with path.open("ab") as file:
        file.write(b'{"loss":1.')
    with Writer(folder, resume=True):
        pass
    before, half, header, _finish, end = path.read_bytes().split(b"\n")
    assert before.startswith(b'{"trainmon"')
    assert half == b'{"loss":1.'
    assert header.startswith(b'{"trainmon"')
    assert end == b""


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b'{"trainmon":', b"[1]\n", b"{}\n"])
def test_a_file_that_holds_nothing_of_ours_can_be_resumed(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    path = folder / "rank0.jsonl"
    path.write_bytes(content)
    log = Writer(folder, resume=True)
    log.log({"loss": 1.0}, step=1)
    assert path.read_bytes().startswith(content)
    assert len(path.read_bytes().removeprefix(content).strip().split(b"\n")) == 2


def test_a_file_in_place_of_the_folder_is_an_error_with_a_hint(folder: Path) -> None:
    folder.parent.mkdir()
    folder.touch()
    with pytest.raises(WriterError, match="give the run a folder of its own"):
        Writer(folder)


def test_a_file_on_the_way_to_the_folder_is_an_error_with_a_hint(folder: Path) -> None:
    folder.parent.touch()
    with pytest.raises(WriterError, match=r"a part of the path is a file"):
        Writer(folder)


@pytest.mark.parametrize("path", ["logs/\0", "x" * 5_000, "/proc/baseline"])
def test_a_path_that_cannot_be_made_is_an_error(path: str) -> None:
    with pytest.raises(WriterError, match="cannot log to"):
        Writer(path)


def test_what_is_no_file_cannot_be_resumed(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.mkfifo(folder / "rank0.jsonl")
    with pytest.raises(WriterError, match="not a regular file"):
        Writer(folder, resume=True)
