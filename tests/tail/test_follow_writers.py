"""Several processes append to one file while it is followed: no byte is lost, torn or repeated."""

import subprocess
import sys
from pathlib import Path

from trainmon.tail import Follower

NAMES = ("a", "b", "c")
LINES = 30_000
"""Lines of each writer: a third of a second of writing, so that the three overlap."""

LIMIT = 4_096
"""Bytes of one read: small, so that most reads cut a line."""

WRITER = """
import os, sys
path, name, lines = sys.argv[1:]
log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in range(int(lines)):
    os.write(log, f"{name} {number} {'x' * (number * 7919 % 397)}\\n".encode())
"""


def test_every_line_of_every_writer_arrives_once_and_in_its_order(tmp_path: Path) -> None:
    log = tmp_path / "rank0.jsonl"
    follower = Follower(log)
    command = (sys.executable, "-S", "-c", WRITER, str(log))
    writers = [
        subprocess.Popen([*command, name, str(LINES)])  # noqa: S603 - the program above
        for name in NAMES
    ]
    read = bytearray()
    running = True
    while running:
        # Looked at before reading, so that the last round reads everything.
        running = any(writer.poll() is None for writer in writers)
        while (chunk := follower.read(LIMIT)) is not None:
            read += chunk.data
    follower.release()
    got = bytes(read).splitlines()
    for name in NAMES:
        assert [line for line in got if line.startswith(name.encode())] == [
            f"{name} {number} {'x' * (number * 7919 % 397)}".encode() for number in range(LINES)
        ]
    assert len(got) == len(NAMES) * LINES
