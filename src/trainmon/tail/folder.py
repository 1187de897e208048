"""Find the files that may be logs, under paths that need not exist yet."""

import os
import re
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from trainmon.tail.family import part_name
from trainmon.tail.listing import Listings, not_read
from trainmon.tail.natural import NaturalKey, natural_key
from trainmon.text import clean

DEPTH_LIMIT = 6
"""Levels of folders below a given one: project, experiment, date, run, version and one to spare."""

FILE_LIMIT = 10_000
"""Files found below all given folders together: ten times what a screen is budgeted for."""

NOTICE_LIMIT = 20
"""Notices of one scan; those beyond it are counted."""

_RANK_FILE = re.compile(r"rank[0-9]+\.jsonl")


@dataclass(frozen=True, slots=True)
class LogFolder:
    """A folder with files that may be logs, in natural order."""

    path: Path
    ranks: tuple[Path, ...] = ()
    """The files of one run, by rank; empty if the folder is no run of trainmon's own format."""
    others: tuple[Path, ...] = ()
    """All other regular files: content decides what they are, not the name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one scan found."""

    folders: tuple[LogFolder, ...] = ()
    missing: tuple[Path, ...] = ()
    """Given paths at which nothing is (yet)."""
    notices: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, folder by folder."""
        return tuple(path for folder in self.folders for path in folder.ranks + folder.others)


class Scanner:
    """Looks again and again for files under `roots`: files or folders, which may appear later.

    Older parts of a log that is rotated belong to it and are no files of their own, also while the
    log itself is missing for a moment. Hidden entries, caches, and what is neither file nor folder
    are left out; links are followed, each folder and file is found once, by its own name rather
    than a link's. Depth and number are bounded, with a notice when a bound is reached. A folder
    that did not change costs one ``os.stat`` per scan, and if none did, what was found is the same
    object. `clock` gives the time of day in nanoseconds. Owned by one thread.
    """

    def __init__(
        self,
        roots: Iterable[Path],
        *,
        file_limit: int = FILE_LIMIT,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._roots = tuple(roots)
        self._file_limit = file_limit
        self._listings = Listings(clock)
        self._logs: frozenset[str] = frozenset()  # real paths of files that were found
        self._kinds: tuple[tuple[int, ...], ...] | None = None  # of the roots at the last scan
        self._found = Found()

    def scan(self) -> Found:
        """Return what is there now. Nothing is opened, and nothing raised."""
        roots = tuple(map(_kind_at, self._roots))
        if roots == self._kinds and self._listings.hold():
            return self._found
        walk = _Walk(self._listings, self._file_limit, self._logs)
        for root in self._roots:
            walk.enter(root, depth=0)
        walk.finish()
        self._listings.end_scan()
        self._logs = walk.logs()
        self._kinds, self._found = roots, walk.found()
        return self._found


class _Walk:
    """One scan: breadth first, so that a bound cuts off what is deepest."""

    def __init__(self, listings: Listings, file_limit: int, logs: frozenset[str]) -> None:
        self._listings = listings
        self._file_limit = file_limit
        self._logs = logs
        self._away: set[str] = set()  # logs that are missing, but for their parts
        # Folders to visit: name, real path, depth.
        self._folders: deque[tuple[Path, str, int]] = deque()
        self._links: deque[tuple[Path, int]] = deque()
        self._given_files: list[Path] = []
        self._visited: set[tuple[int, int]] = set()
        self._files: dict[str, Path] = {}  # by real path
        self._missing: list[Path] = []
        self._notices: dict[str, None] = {}

    def enter(self, path: Path, depth: int) -> None:
        """Take in a given path or a link, at `depth` levels below what was given."""
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if depth == 0:
                self._missing.append(path)
        except OSError as error:
            self._notice(f"'{clean(str(path))}' cannot be read: {error.strerror}")
        else:
            if stat.S_ISDIR(mode):
                self._folders.append((path, os.path.realpath(path), depth))
            elif not stat.S_ISREG(mode):
                self._notice(not_read(path, mode))
            elif depth == 0:
                self._given_files.append(path)
            else:
                self._keep(os.path.realpath(path), path)

    def finish(self) -> None:
        """Visit everything: real folders first, then what only links lead to."""
        while self._folders or self._links:
            if self._folders:
                self._visit(*self._folders.popleft())
            else:
                self.enter(*self._links.popleft())
        for path in self._given_files:  # whatever the bounds
            self._files.setdefault(os.path.realpath(path), path)

    def found(self) -> Found:
        """Return everything, in natural order."""
        by_folder: dict[Path, list[Path]] = {}
        for path in self._files.values():
            by_folder.setdefault(path.parent, []).append(path)
        return Found(
            tuple(_log_folder(path, by_folder[path]) for path in sorted(by_folder, key=_by_parts)),
            tuple(self._missing),
            _bounded(tuple(self._notices)),
        )

    def logs(self) -> frozenset[str]:
        """Return the real paths of all files, and of logs of which only parts are there."""
        return frozenset(self._files) | self._away

    def _visit(self, folder: Path, real: str, depth: int) -> None:
        try:
            status = folder.stat()
        except OSError:  # gone since it was listed
            return
        identity = (status.st_dev, status.st_ino)
        if identity in self._visited:
            return
        self._visited.add(identity)
        listing = self._listings.of(folder, status)
        for notice in listing.notices:
            self._notice(notice)
        names = frozenset(path.name for path in (*listing.files, *listing.links))
        for path in listing.files:
            if not self._is_part(path.name, names, real):
                self._keep(f"{real}/{path.name}", path)
        self._links.extend((path, depth + 1) for path in listing.links)
        if depth < DEPTH_LIMIT:
            self._folders.extend(
                (path, f"{real}/{path.name}", depth + 1) for path in listing.folders
            )
        elif listing.folders:
            self._notice(f"folders more than {DEPTH_LIMIT} levels down are left out")

    def _is_part(self, name: str, names: frozenset[str], real: str) -> bool:
        """Return whether a file is an older part of a log beside it, or of one that was there."""
        part = part_name(name)
        if part is None:
            return False
        log = f"{real}/{part.base}"
        if part.base not in names and log in self._logs:
            self._away.add(log)
        return part.base in names or log in self._away

    def _keep(self, real: str, path: Path) -> None:
        if real in self._files:
            return
        if len(self._files) < self._file_limit:
            self._files[real] = path
        else:
            self._notice(f"there are over {self._file_limit:,} files; the rest is left out")

    def _notice(self, text: str) -> None:
        self._notices[text] = None  # each once


def _kind_at(path: Path) -> tuple[int, ...]:
    """Return which file or folder is at a path and of which kind, or why that cannot be told."""
    try:
        status = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return status.st_dev, status.st_ino, status.st_mode


def _log_folder(path: Path, files: list[Path]) -> LogFolder:
    ranks: list[Path] = []
    others: list[Path] = []
    for file in sorted(files, key=lambda file: natural_key(file.name)):
        (ranks if _RANK_FILE.fullmatch(file.name) else others).append(file)
    return LogFolder(path, tuple(ranks), tuple(others))


def _by_parts(path: Path) -> tuple[NaturalKey, ...]:
    return tuple(natural_key(part) for part in path.parts)


def _bounded(notices: tuple[str, ...]) -> tuple[str, ...]:
    if len(notices) <= NOTICE_LIMIT:
        return notices
    return (*notices[:NOTICE_LIMIT], f"and {len(notices) - NOTICE_LIMIT:,} more notices")
