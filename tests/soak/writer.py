"""Writes a log as badly as programs do: in torn pieces, rotated, ready to be killed.

    python tests/soak/writer.py LOG STYLE ATTEMPT LINES SEED

A line tells attempt and number, both from 0, has a random length and ends in a full stop. Styles
say how the log is rotated: ``numbered`` and ``dated`` rename it and begin a new file, ``cut``
copies and empties it. Older parts are compressed now and then. LOG.lock is held while a log is
cut, so that nobody kills the writer between the copy and the cut, which would leave both.
"""

import fcntl
import gzip
import os
import random
import re
import shutil
import sys
from pathlib import Path

ROTATION_CHANCE = 1 / 400
"""Of rotating before a line: some dozen parts in a run of the test."""

PACKING_CHANCE = 1 / 2
"""Of compressing the older parts after a rotation."""

LONGEST_LINE = 600
"""Bytes of filling: longer than the smallest reads, so that most lines come in pieces."""


class Log:
    """An append-only log that rotates itself."""

    def __init__(self, path: Path, style: str, chance: random.Random) -> None:
        self.path = path
        self.style = style
        self.chance = chance
        self.clean_up()
        self.open()

    def begin(self) -> None:
        """End the line that a killed writer left torn."""
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.write(self.descriptor, b"\n")

    def open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self.descriptor = os.open(self.path, flags, 0o644)

    def write(self, line: bytes) -> None:
        """Write a line in one to three pieces."""
        cuts = sorted(self.chance.choices(range(len(line) + 1), k=self.chance.randrange(3)))
        for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True):
            os.write(self.descriptor, line[start:end])

    def clean_up(self) -> None:
        """Remove what a killed writer has compressed in part."""
        for path in self.path.parent.glob(f"{self.path.name}[.-]*.gz"):
            if path.with_suffix("").exists():
                path.unlink()

    def rotate(self) -> None:
        parts = older_parts(self.path)
        if self.style == "dated":
            newest = self.path.with_name(f"{self.path.name}-20261120-{len(parts):09d}")
        else:
            newest = self.path.with_name(f"{self.path.name}.1")
            for part in reversed(parts):
                stem, _, rest = part.name.removeprefix(f"{self.path.name}.").partition(".")
                ending = f".{int(stem) + 1}" + (f".{rest}" if rest else "")
                part.rename(self.path.with_name(self.path.name + ending))
        if self.style == "cut":
            with self.path.with_suffix(".lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                shutil.copyfile(self.path, newest)
                os.ftruncate(self.descriptor, 0)
        else:
            self.path.rename(newest)
            os.close(self.descriptor)
            self.open()
        if self.chance.random() < PACKING_CHANCE:
            self.pack(older_parts(self.path)[self.chance.randrange(2) :])

    def pack(self, parts: list[Path]) -> None:
        for part in parts:
            if part.suffix != ".gz":
                packed = part.with_name(part.name + ".gz")
                with part.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as file:
                    shutil.copyfileobj(plain, file)
                part.unlink()


def older_parts(log: Path) -> list[Path]:
    """Return the older parts of a log, the newest first, each once."""
    pattern = re.compile(re.escape(log.name) + r"(?:\.([0-9]+)|-20261120-([0-9]+))(\.gz)?")
    found: dict[int, Path] = {}
    for path in sorted(log.parent.iterdir()):  # plain before compressed
        match = pattern.fullmatch(path.name)
        if match:
            found.setdefault(int(match[1]) if match[1] else -int(match[2]), path)
    return [found[number] for number in sorted(found)]


def main() -> None:
    path, style, attempt, lines, seed = sys.argv[1:]
    chance = random.Random(f"{seed} {attempt}")  # noqa: S311 - no secret
    log = Log(Path(path), style, chance)
    log.begin()
    for number in range(int(lines)):
        if chance.random() < ROTATION_CHANCE:
            log.rotate()
        log.write(f"{attempt} {number} {'x' * chance.randrange(LONGEST_LINE)}.\n".encode())


if __name__ == "__main__":
    main()
