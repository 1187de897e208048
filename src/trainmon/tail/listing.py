"""What lies in a folder, listed again only when that may have changed."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trainmon.tail.natural import natural_key
from trainmon.tail.regular import kind_of
from trainmon.text import clean

ENTRY_LIMIT = 20_000
"""Entries looked at in one folder: listing and sorting them takes a tenth of a second."""

CLOCK_GRAIN = 2_000_000_000
"""Nanoseconds that the coarsest file systems (FAT; ext3 and HFS+ have half) let pass between two
different times of change."""

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of one folder in natural order; hidden ones are left out."""

    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    notices: tuple[str, ...] = ()


def list_folder(folder: Path, limit: int = ENTRY_LIMIT) -> Listing:
    """Return what lies in `folder`, at most `limit` entries of it.

    No link is followed and nothing is opened.
    A folder that cannot be listed is empty, with a notice; one that is gone is empty.
    """
    folders: list[str] = []
    files: list[str] = []
    links: list[str] = []
    notices: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, limit):
                if entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    links.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
                elif not entry.is_dir():
                    notices.append(not_read(Path(entry), entry.stat().st_mode))
                elif entry.name not in _SKIPPED_FOLDERS:
                    folders.append(entry.name)
            if next(entries, None) is not None:
                notices.append(
                    f"'{clean(str(folder))}' has over {limit:,} entries; the rest is left out"
                )
    except FileNotFoundError:
        return Listing()
    except OSError as error:
        notices.append(f"'{clean(str(folder))}' cannot be listed: {error.strerror}")
    return Listing(
        _in_order(folder, folders), _in_order(folder, files), _in_order(folder, links), (*notices,)
    )


def not_read(path: Path, mode: int) -> str:
    """Return the notice for what is neither a file nor a folder."""
    return f"'{clean(str(path))}' is a {kind_of(mode)}; it is not read"


def _in_order(folder: Path, names: list[str]) -> tuple[Path, ...]:
    return tuple(folder / name for name in sorted(names, key=natural_key))


class Listings:
    """Remembers listings from one scan to the next.

    A new, removed or renamed entry and a change of permission alter the folder's time of change
    (ctime), so an unchanged one vouches for a listing, if it was older than the grain of the file
    system's clock when the listing was made: a second change within the same grain would not show.
    `clock` gives the time of day in nanoseconds.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._known: dict[Path, tuple[tuple[int, ...], Listing]] = {}
        self._used: dict[Path, tuple[tuple[int, ...], Listing]] = {}

    def of(self, folder: Path, status: os.stat_result) -> Listing:
        """Return the listing of `folder`, whose `status` was taken just now."""
        look = (status.st_dev, status.st_ino, status.st_ctime_ns)
        known = self._known.get(folder)
        if known is None or known[0] != look:
            settled = self._clock() - status.st_ctime_ns > CLOCK_GRAIN
            known = (look if settled else (), list_folder(folder))
        self._used[folder] = known
        return known[1]

    def hold(self) -> bool:
        """Return whether all folders of the last scan are as they were, and no link leads on."""
        for folder, (look, listing) in self._known.items():
            if not look or listing.links:
                return False
            try:
                status = folder.stat()
            except OSError:
                return False
            if look != (status.st_dev, status.st_ino, status.st_ctime_ns):
                return False
        return True

    def end_scan(self) -> None:
        """Forget the folders that were not asked for in the scan that ends."""
        self._known, self._used = self._used, {}
