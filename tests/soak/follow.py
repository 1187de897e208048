"""Follows logs while they are written, rotated, compressed and their writers killed.

    python -m tests.soak.follow [--seconds 60] [--seed 0]

Prints what was read, and ends with 1 if a single byte differs from what lies on disk. The tests
run it for some seconds; let it run for hours after a change to `trainmon.tail`.
"""

import argparse
import fcntl
import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.writer import older_parts
from trainmon.tail import Families, Follower, OpenFiles

STYLES = ("numbered", "dated", "cut")

LINES = 6_000
"""Lines of one attempt of a writer: about a second, most of it in the rotations."""

KILL_CHANCE = 1 / 60
"""Of killing a writer after a read that gave something: a tenth to a half of the attempts end so,
depending on how far the reader is behind."""

RELEASE_CHANCE = 1 / 500
"""Of closing a log after a read, as happens when there are many others."""

LIMITS = (50, 700, 4_096, 200_000)
"""Bytes of one read: below a line, a line, some lines, and whole parts."""

_WRITER = Path(__file__).with_name("writer.py")


@dataclass
class Followed:
    """A log, its writer and what was read of it."""

    path: Path
    style: str
    follower: Follower
    seed: int
    attempts: int = 0
    killed: int = 0
    writer: subprocess.Popen[bytes] | None = None
    parts: list[bytearray] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Begin the next attempt."""
        arguments = map(str, (self.path, self.style, self.attempts, LINES, self.seed))
        command = (sys.executable, "-S", str(_WRITER), *arguments)
        self.writer = subprocess.Popen(command)  # noqa: S603 - the program beside this one
        self.attempts += 1

    @property
    def writing(self) -> bool:
        """Whether the current attempt is not over."""
        return self.writer is not None and self.writer.poll() is None

    def kill(self) -> None:
        """Kill the writer wherever it is, but between a copy and a cut."""
        assert self.writer is not None
        with self.path.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.writer.kill()
            self.writer.wait()
        self.killed += 1

    def read(self, limit: int) -> bool:
        """Read once; return whether something new came."""
        chunk = self.follower.read(limit)
        if chunk is None:
            return False
        self.notices += chunk.notices
        if chunk.fresh or chunk.border:
            self.parts.append(bytearray())
        if chunk.data:
            self.parts[-1] += chunk.data
        return True

    def go_on(self, chance: random.Random, goes_on: Callable[[int], bool]) -> None:
        """Read once, and start or kill the writer or close the log as it falls."""
        if not self.writing and goes_on(self.attempts):
            self.start()
        if chance.random() < RELEASE_CHANCE:
            self.follower.release()
        writing = self.writing  # looked at before reading: the last read takes everything
        if self.read(chance.choice(LIMITS)):
            if self.writing and chance.random() < KILL_CHANCE:
                self.kill()
        elif not writing:
            self.writer = None

    def on_disk(self) -> list[bytes]:
        """Return the parts that lie on disk and hold something, the oldest first."""
        paths = [*reversed(older_parts(self.path)), *[self.path] * self.path.exists()]
        contents = [
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            for path in paths
        ]
        return [content for content in contents if content]

    @property
    def sound(self) -> bool:
        """Whether exactly what lies on disk was read, and nothing had to be told."""
        return self.parts == self.on_disk() and not self.notices


def soak(folder: Path, seed: int, goes_on: Callable[[int], bool]) -> list[Followed]:
    """Follow a log of each style until no attempt is begun any more, and return them.

    `goes_on` is asked with the number of attempts so far before each further one.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    open_files, families = OpenFiles(limit=2), Families()
    logs = []
    for style in STYLES:
        path = folder / f"{style}.log"
        follower = Follower(path, open_files=open_files, families=families)
        logs.append(Followed(path, style, follower, seed))
    try:
        unfinished = list(logs)
        while unfinished:
            for log in unfinished:
                log.go_on(chance, goes_on)
            unfinished = [log for log in unfinished if log.writer or goes_on(log.attempts)]
    finally:
        for log in logs:
            if log.writing:
                log.kill()
        open_files.close()
    return logs


def numbers_by_attempt(log: Followed) -> list[list[int]]:
    """Return the numbers of the whole lines that were read, attempt by attempt."""
    numbers: list[list[int]] = [[] for _ in range(log.attempts)]
    for line in b"".join(log.parts).splitlines():
        if line.endswith(b"."):
            attempt, number, _ = line.split()
            numbers[int(attempt)].append(int(number))
    return numbers


def main() -> int:
    """Soak for some time, and tell how it went."""
    parser = argparse.ArgumentParser(description="Follow logs that are badly treated.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as name:
        logs = soak(Path(name), options.seed, lambda _: time.monotonic() < end)
        sound = True
        for log in logs:
            sound = sound and log.sound
            size = sum(map(len, log.parts)) / 1e6
            sys.stdout.write(
                f"{log.style}: {log.attempts} attempts, {log.killed} killed, {len(log.parts)} "
                f"parts, {size:.1f} MB, {'as on disk' if log.sound else 'NOT AS ON DISK'}"
                f"{''.join(f', {notice}' for notice in log.notices)}\n"
            )
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
