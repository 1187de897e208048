"""Only regular files are opened, whatever lies at a path."""

import os
import socket
import stat
from pathlib import Path

import pytest

from trainmon.errors import ReadError
from trainmon.tail import open_regular
from trainmon.tail.regular import kind_of


def test_a_link_to_a_regular_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\n")
    (tmp_path / "latest").symlink_to("log")
    descriptor = open_regular(tmp_path / "latest")
    try:
        assert os.read(descriptor, 10) == b"one\n"
    finally:
        os.close(descriptor)


def test_a_file_is_opened_for_reading_only(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\n")
    descriptor = open_regular(tmp_path / "log")
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


def test_a_fifo_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReadError, match="is a FIFO"):
        open_regular(tmp_path / "pipe")


def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rank0.jsonl").symlink_to("/dev/zero")
    with pytest.raises(ReadError, match="is a character device"):
        open_regular(tmp_path / "rank0.jsonl")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(ReadError, match="is a socket"):
            open_regular(Path("socket"))


def test_escape_sequences_in_a_name_do_not_reach_the_message(tmp_path: Path) -> None:
    path = tmp_path / "\x1b]0;owned\x07"
    path.mkdir()
    with pytest.raises(ReadError) as caught:
        open_regular(path)
    assert str(caught.value).isprintable()


def test_an_unknown_kind_has_a_name_too() -> None:
    assert kind_of(stat.S_IFLNK) == "special file"
