"""All followed files: found, looked at when they are due, read, and told of."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from trainmon.log_file import LogFile, Reading
from trainmon.tail import Found, OpenFiles, Scanner, Schedule
from trainmon.text import clean

SCAN_SECONDS = 1.0
"""Time between two looks for new files; an announcement brings the next one forward."""

A_RUN = "a run is a folder of rank*.jsonl, or a file of JSON lines"


class LogFiles:
    """The files under the given paths, which may appear later. Owned by the monitor.

    `chunk` is the most bytes of one read. `now` is in Unix seconds, in all calls.
    """

    def __init__(self, paths: Sequence[Path], chunk: int) -> None:
        self.news = True
        """Whether there is something new to tell; whoever tells it sets it back."""
        self._paths = tuple(paths)
        self._chunk = chunk
        self._scanner = Scanner(self._paths)
        self._schedule = Schedule[Path]()
        self._open_files = OpenFiles()
        self._files: dict[Path, LogFile] = {}
        self._found = Found()
        self._backlog: set[Path] = set()
        self._notices: dict[str, None] = {}
        self._next_scan = 0.0
        self._now = 0.0

    def __iter__(self) -> Iterator[Path]:
        return iter(self._files)

    @property
    def backlog(self) -> Collection[Path]:
        """The files of which more waits to be read at once."""
        return self._backlog

    @property
    def folders(self) -> tuple[Path, ...]:
        """The given paths and the folders of all files, for announcements of changes."""
        return (*self._paths, *(folder.path for folder in self._found.folders))

    def due(self, now: float) -> list[Path]:
        """Look for new files if it is time, and return those that are due to be read."""
        if now < self._now:  # the clock was set back: nothing would be due for as long
            self._schedule, self._next_scan = Schedule[Path](), now
            for path, file in self._files.items():
                if not file.failure:
                    self._schedule.add(path, now)
        self._now = now
        if now >= self._next_scan:
            self._scan(now)
        return self._schedule.due(now)

    def next_due(self, now: float) -> float:
        """Return when there is something to do again."""
        return min(self._schedule.next_due(now), self._next_scan)

    def wake(self, paths: Sequence[Path], now: float) -> None:
        """Take in that these paths changed: they are due at once, and new ones are looked for."""
        for path in paths:
            if path in self._schedule:
                self._schedule.wake(path, now)
            else:
                self._next_scan = min(self._next_scan, now)

    def read(
        self, path: Path, now: float, *, ended: bool = False
    ) -> tuple[LogFile, Reading | None]:
        """Read a file once, and return what that gave; `ended` takes a last line as whole."""
        file = self._files[path]
        reading = file.read(self._chunk, ended=ended)
        if file.failure:
            self.news = True
            self._schedule.remove(path)
        more = reading is not None and reading.more
        self._schedule.looked(path, now, grew=reading is not None, more=more)
        (self._backlog.add if more and not file.failure else self._backlog.discard)(path)
        return file, reading

    def tell(self, notices: Sequence[str]) -> None:
        """Keep notices that belong to no run."""
        self.news |= bool(notices)
        self._notices |= dict.fromkeys(notices)

    def share_read(self) -> float | None:
        """Return the share of bytes read of the files that are behind; None if none is."""
        if not self._backlog:
            return None
        read = sum(self._files[path].bytes_read for path in self._backlog)
        size = sum(path.stat().st_size for path in self._backlog if path.exists())
        return min(1.0, read / size) if size else 1.0

    def notices(self) -> tuple[str, ...]:
        """Return what is worth telling of the files as a whole."""
        skipped = [
            f"{clean(path.name)}: lines skipped that are no JSON object: {file.unreadable:,}"
            for path, file in self._files.items()
            if file.unreadable
        ]
        skipped += [
            f"{_quoted(path)}: no format recognises it so far"
            for path in self._paths
            if path in self._files and self._files[path].unrecognised
        ]
        unknown = sum(file.foreign for path, file in self._files.items() if path not in self._paths)
        if unknown:
            skipped.append(f"{unknown:,} files are in no known format")
        return (*self._found.notices, *self._notices, *skipped)

    def failures(self) -> tuple[str, ...]:
        """Return what could not be read although it was asked for, each with its reason."""
        missing = [f"{_quoted(path)} does not exist" for path in self._found.missing]
        return (*missing, *(f"{_quoted(p)}: {self._files[p].failure}" for p in self._failed()))

    def fruitless(self, owned: Collection[Path]) -> tuple[str, ...]:
        """Return the given paths that led to no run, `owned` being the files that did."""
        told = {*self._found.missing, *self._failed(), *owned}
        return tuple(
            f"{_quoted(path)}: no run found ({A_RUN})"
            for path in self._paths
            if not any(known.is_relative_to(path) for known in told)
        )

    def _scan(self, now: float) -> None:
        self._next_scan = now + SCAN_SECONDS
        found = self._scanner.scan()
        self.news |= found != self._found
        self._found = found
        for folder in found.folders:
            given = [path for path in folder.others if path in self._paths]
            for path in (*folder.ranks, *(given if folder.ranks else folder.others)):
                if path not in self._files:
                    self._files[path] = LogFile(path, self._open_files)
                    self._schedule.add(path, now)

    def _failed(self) -> list[Path]:
        """Return the files that failed and were asked for, or claim to be logs of ours."""
        return [
            path
            for path, file in self._files.items()
            if file.failure and (path in self._paths or not file.foreign)
        ]


def _quoted(path: Path) -> str:
    return f"'{clean(str(path))}'"
