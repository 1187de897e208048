"""All followed files: found, looked at when they are due, read, and told of."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from trainmon.files_told import FileViews, quoted, told_of
from trainmon.log_file import LogFile, Reading, Shared
from trainmon.tail import Found, LogFolder, Scanner, Schedule
from trainmon.view import FileView

SCAN_SECONDS = 1.0
"""Time between two looks for new files; an announcement brings the next one forward."""

A_RUN = "trainmon formats lists what is read"

PROMPT_RANKS = 16
"""Ranks of a run whose files are looked at as often as they grow: the first ones, those of a host
or two. In a run of more, the others follow at the pace of `RANKS_A_SECOND`."""

RANKS_A_SECOND = 80
"""Looks at the files of the further ranks of a run. To read one record or some at once costs the
same 0.1 ms, so that the ranks of a large run are read every few seconds: 1,024 every 13 s."""


class LogFiles:
    """The files under the given paths, which may appear later. Owned by the monitor.

    `chunk` is the most bytes of one read. A file that we write ourselves, `except_for`, is no log.
    `now` is in Unix seconds, in all calls.
    """

    def __init__(
        self, paths: Sequence[Path], chunk: int, *, except_for: Path | None = None
    ) -> None:
        self.news = True
        """Whether there is something new to tell; whoever tells it sets it back."""
        self.given = frozenset(paths)
        """The paths that were asked for."""
        self._paths = tuple(paths)
        self._chunk = chunk
        self._except_for = except_for.resolve() if except_for else None
        self._scanner = Scanner(self._paths)
        self._schedule = Schedule[Path]()
        self._shared = Shared()
        self._files: dict[Path, LogFile] = {}
        self._views = FileViews()
        self._unread: set[Path] = set()
        self._absorbed: list[Path] = []
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
    def behind(self) -> bool:
        """Whether anything of what is known to be there was not read yet."""
        return bool(self._backlog or self._unread)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The given paths and the folders of all files, for announcements of changes."""
        return (*self._paths, *(folder.path for folder in self._found.folders))

    @property
    def crowded(self) -> frozenset[Path]:
        """Folders of so many ranks that announcements of them would cost more than looking."""
        return frozenset(folder.path for folder, _ in self._slow())

    @property
    def steady(self) -> frozenset[Path]:
        """Folders of which each file grows so fast that announcements would come too late."""
        still = {path.parent for path in self._schedule if not self._schedule.is_steady(path)}
        return frozenset(path.parent for path in self._schedule) - still

    def due(self, now: float) -> list[Path]:
        """Look for new files if it is time, and return those that are due to be read."""
        if now < self._now:  # the clock was set back: nothing would be due for as long
            self._schedule, self._next_scan = Schedule[Path](), now
            for path, file in self._files.items():
                if not file.failure:
                    self._schedule.add(path, now)
            self._slow_down()
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
        self._unread.discard(path)
        reading = file.read(self._chunk, ended=ended)
        if reading is not None or file.failure:
            self._views.changed(path)
        if file.failure:
            self.news = True
            self._schedule.remove(path)
        more = reading is not None and reading.more
        self._schedule.looked(path, now, grew=reading is not None, more=more)
        (self._backlog.add if more and not file.failure else self._backlog.discard)(path)
        return file, reading

    def take_absorbed(self) -> list[Path]:
        """Return the files that turned out to be older parts of others since the last call."""
        absorbed, self._absorbed = self._absorbed, []
        return absorbed

    def restart(self, path: Path) -> None:
        """Read a file from its beginning once more."""
        self._files[path].restart()
        self._views.changed(path)
        self._unread.add(path)
        self._schedule.wake(path, self._now)

    def tell(self, notices: Sequence[str]) -> None:
        """Keep notices that belong to no run."""
        self.news |= bool(notices)
        self._notices |= dict.fromkeys(notices)

    def share_read(self) -> float | None:
        """Return the share of bytes read of the files that are behind; None if none is."""
        behind = self._backlog | self._unread
        if not behind:
            return None
        read = sum(self._files[path].bytes_read for path in behind)
        size = sum(path.stat().st_size for path in behind if path.exists())
        return min(1.0, read / size) if size else 1.0

    def notices(self) -> tuple[str, ...]:
        """Return what is worth telling of the files as a whole."""
        told = told_of(self._files, self._paths)
        return (*self._found.notices, *self._notices, *told)

    def views(self) -> tuple[FileView, ...]:
        """Return how the files were read that are of some format, or were asked for."""
        return self._views.of(self._files, self.given)

    def failures(self) -> tuple[str, ...]:
        """Return what could not be read although it was asked for, each with its reason."""
        missing = [f"{quoted(path)} does not exist" for path in self._found.missing]
        return (*missing, *(f"{quoted(p)}: {self._files[p].failure}" for p in self._failed()))

    def without_records(self, owned: Collection[Path]) -> list[LogFile]:
        """Return logs of known formats that hold nothing yet, under given paths without a run."""
        return [
            file
            for given in self._paths
            if not any(path.is_relative_to(given) for path in owned)
            for path, file in self._files.items()
            if file.format and path.is_relative_to(given)
        ]

    def fruitless(self, owned: Collection[Path]) -> tuple[str, ...]:
        """Return the given paths that led to no run, `owned` being the files that did."""
        told = {*self._found.missing, *self._failed(), *owned}
        return tuple(
            f"{quoted(path)}: no run found ({A_RUN})"
            for path in self._paths
            if not any(known.is_relative_to(path) for known in told)
        )

    def _scan(self, now: float) -> None:
        self._next_scan = now + SCAN_SECONDS
        found = self._scanner.scan()
        if found is self._found:
            return
        self.news |= found != self._found
        self._found = found
        for folder in found.folders:
            given = [path for path in folder.others if path in self._paths]
            for path in (*folder.ranks, *(given if folder.ranks else folder.others)):
                if path not in self._files and not self._is_ours(path):
                    self._absorb(path)
                    self._files[path] = LogFile(path, self._shared)
                    self._views.changed(path)
                    self._unread.add(path)
                    self._schedule.add(path, now)
        self._slow_down()

    def _slow(self) -> Iterator[tuple[LogFolder, Sequence[Path]]]:
        """Yield the folders of many ranks, each with the files that are looked at at their pace."""
        for folder in self._found.folders:
            if len(folder.ranks) > PROMPT_RANKS:
                yield folder, folder.ranks[PROMPT_RANKS:]

    def _slow_down(self) -> None:
        for folder, further in self._slow():
            for path in further:
                self._schedule.slow_down(path, len(folder.ranks) / RANKS_A_SECOND)

    def _is_ours(self, path: Path) -> bool:
        return self._except_for is not None and path.resolve() == self._except_for

    def _absorb(self, path: Path) -> None:
        """Drop the older parts of a new file: they were read before it was there to lead them."""
        for part in self._shared.families.parts_of(path):
            if self._files.pop(part, None) is not None:
                self._views.drop(part)
                self._absorbed.append(part)
                self._schedule.remove(part)
                self._backlog.discard(part)
                self._unread.discard(part)

    def _failed(self) -> list[Path]:
        """Return the files that failed and were asked for, or claim to be logs of ours."""
        return [
            path
            for path, file in self._files.items()
            if file.failure and (path in self._paths or not file.foreign)
        ]
