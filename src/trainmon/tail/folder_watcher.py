"""Hear from the operating system what changes in single folders, through watchdog."""

from collections.abc import Callable
from contextlib import suppress
from os import fsdecode
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import ObservedWatch

STOP_PATIENCE = 2.0
"""Seconds to wait for watchdog's threads at the end; they are daemons and may be left behind."""


class FolderWatcher:
    """Announces what is created, written or renamed in the folders it was given, not below them.

    Watching whole trees would walk them without bound, hidden folders and data sets included.
    Raises OSError or RuntimeError where the system has no more watches or threads to give.
    """

    def __init__(self) -> None:
        from watchdog.observers import Observer  # noqa: PLC0415 - takes 27 ms to import

        self._observer = Observer()
        self._observer.start()
        self._watches: dict[Path, ObservedWatch] = {}

    def watch(self, folder: Path, changed: Callable[[Path], None], *, writes: bool = True) -> None:
        """Call `changed`, from another thread, with the paths in `folder` that change.

        Without `writes` these are the ones that are new or renamed. Raises OSError or RuntimeError
        as the constructor does.
        """
        from watchdog import events  # noqa: PLC0415 - see the constructor

        class Handler(events.FileSystemEventHandler):
            def on_any_event(self, event: "FileSystemEvent") -> None:
                changed(folder / Path(fsdecode(event.src_path)).name)
                if event.dest_path:
                    changed(folder / Path(fsdecode(event.dest_path)).name)

        # Opening and closing are left out, or our own reads would announce themselves.
        kinds: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            *((events.FileModifiedEvent,) if writes else ()),
            events.FileMovedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
        ]
        # Resolved, since a watched link would announce its own replacement only.
        self._watches[folder] = self._observer.schedule(
            Handler(), str(folder.resolve()), recursive=False, event_filter=kinds
        )

    def unwatch(self, folder: Path) -> None:
        """Stop announcing what changes in `folder`."""
        watch = self._watches.pop(folder, None)
        if watch is not None:
            with suppress(KeyError, OSError, RuntimeError):  # the system dropped it before us
                self._observer.unschedule(watch)

    def close(self) -> None:
        """Stop all threads."""
        self._observer.stop()
        self._observer.join(STOP_PATIENCE)
