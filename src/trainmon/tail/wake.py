"""Cut the wait for the next poll short when the system announces that a file changed.

Polling carries the load: on NFS, Lustre, GPFS and sshfs nothing is ever announced. So everything
here may stay silent, and nothing here may fail.
"""

from collections.abc import Callable, Collection, Iterable
from itertools import islice
from pathlib import Path
from threading import TIMEOUT_MAX, Event, Lock
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from trainmon.tail.folder_watcher import FolderWatcher
from trainmon.text import clean

WATCHED_LIMIT = 16
"""Folders watched at once: each costs a thread. The newest runs matter; polling finds the rest."""

PATHS_LIMIT = 10_000
"""Changed paths kept until they are taken, as many as there can be files in view."""


class Watcher(Protocol):
    """What announces changes in single folders, from a thread of its own."""

    def watch(self, folder: Path, changed: Callable[[Path], None], *, writes: bool = True) -> None:
        """Call `changed` with paths in `folder` from now on, or raise OSError or RuntimeError.

        Without `writes` nothing is said of files that are there and written to.
        """

    def unwatch(self, folder: Path) -> None:
        """Stop doing so."""

    def close(self) -> None:
        """Stop everything."""


class _Watched(NamedTuple):
    """Which folder is watched, and for what."""

    device: int
    inode: int
    writes: bool


class Wake:
    """Where the polling thread sleeps, and what ends its sleep.

    An announcement only notes its path, once, however often it comes: reading is left to the poll.
    The polling thread owns this and stops it at its end; any thread may `ring`. Nothing is started
    before the first folder is watched.
    """

    def __init__(self, make_watcher: Callable[[], Watcher] = FolderWatcher) -> None:
        self._make_watcher = make_watcher
        self._watcher: Watcher | None = None
        self._watched: dict[Path, _Watched] = {}
        self._deaf = False
        self._notices: list[str] = []
        self._rung = Event()
        self._lock = Lock()  # over the changed paths
        self._changed: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def watch(self, folders: Iterable[Path], steady: Collection[Path] = ()) -> None:
        """Watch these folders and no others: the first ones, if there are more than the limit.

        Give them again after each scan: one that does not exist is left to polling until then,
        and one that was deleted and made again is watched anew. When the system refuses a watch,
        a notice is kept and no other is asked for. In `steady` folders each file is looked at as
        often as it grows: what is written there is not announced, which costs three threads a
        wake-up for each record, as much as all rules.
        """
        wanted: dict[Path, _Watched] = {}
        for folder in islice(dict.fromkeys(folders), WATCHED_LIMIT):
            try:
                status = folder.stat()
            except OSError:  # not there, or not for us
                continue
            wanted[folder] = _Watched(status.st_dev, status.st_ino, folder not in steady)
        for folder, identity in tuple(self._watched.items()):
            if wanted.get(folder) != identity and self._watcher is not None:
                self._watcher.unwatch(folder)
                del self._watched[folder]
        for folder, identity in wanted.items():
            if folder not in self._watched and not self._deaf:
                self._listen(folder, identity)

    def wait(self, seconds: float) -> frozenset[Path]:
        """Sleep until a change is announced, `ring` is called or `seconds` have passed.

        Returns the paths that changed since the last call: files, or new folders. `seconds` may
        be infinite; zero or less only looks.
        """
        self._rung.wait(min(max(seconds, 0.0), TIMEOUT_MAX))
        self._rung.clear()
        with self._lock:
            changed = frozenset(self._changed)
            self._changed.clear()
        return changed

    def ring(self) -> None:
        """End the sleep, or the next one if nobody sleeps now. Any thread may call this."""
        self._rung.set()

    def take_notices(self) -> tuple[str, ...]:
        """Return what is to be told since the last call."""
        notices = tuple(self._notices)
        self._notices.clear()
        return notices

    def stop(self) -> None:
        """End all watching; polling can go on, and `watch` would begin anew."""
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        self._watched.clear()

    def _listen(self, folder: Path, identity: _Watched) -> None:
        try:
            if self._watcher is None:
                self._watcher = self._make_watcher()
            self._watcher.watch(folder, self._announced, writes=identity.writes)
        except (FileNotFoundError, PermissionError):
            return  # this folder only, and for now
        except (OSError, RuntimeError) as error:
            self._deaf = True
            self._notices.append(
                f"changes in '{clean(str(folder))}' are found by polling alone: {error}"
            )
        else:
            self._watched[folder] = identity

    def _announced(self, path: Path) -> None:
        with self._lock:
            if len(self._changed) < PATHS_LIMIT:
                self._changed.add(path)
        self._rung.set()
