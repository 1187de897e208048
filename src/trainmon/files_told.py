"""What is told of files that are followed: how each was read, and what was left out."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from trainmon.log_file import LogFile
from trainmon.text import PATH_LIMIT, TEXT_LIMIT, clean
from trainmon.view import FileView

_LOG_SUFFIXES = frozenset({".jsonl", ".csv", ".tsv", ".wandb"})
"""Names that promise numbers: of such a file it is told if it is in no known format, while a folder
may hold any number of others."""

_INCIDENTS = "incidents.jsonl"
"""What a file of recorded incidents is usually called; it is no log, as its content tells too."""

_NAMED = 3
"""Files that are told by name."""


class FileViews:
    """How files were read: of a thousand a few change at a time. Owned by the monitor thread."""

    def __init__(self) -> None:
        self._views: dict[Path, FileView | None] = {}
        """As it was last told; None of those that are not told of."""
        self._changed: set[Path] = set()

    def changed(self, path: Path) -> None:
        """Have a file viewed anew when it is asked for; a new one stands behind the others."""
        self._views.setdefault(path, None)
        self._changed.add(path)

    def drop(self, path: Path) -> None:
        """Forget a file."""
        self._views.pop(path, None)

    def of(self, files: Mapping[Path, LogFile], given: Collection[Path]) -> tuple[FileView, ...]:
        """Return how the files were read that are of some format, or are among those `given`."""
        for path in self._changed & files.keys():
            self._views[path] = _view(path, files[path], given)
        self._changed.clear()
        return tuple(view for view in self._views.values() if view is not None)


def _view(path: Path, file: LogFile, given: Collection[Path]) -> FileView | None:
    if not file.format and path not in given:
        return None
    return FileView(
        path=clean(str(path), PATH_LIMIT),
        format=file.format,
        bytes_read=file.bytes_read,
        skipped={reason: count for reason, count in file.skipped.items() if count},
        remarks=tuple(clean(remark, TEXT_LIMIT) for remark in file.remarks),
        settings=file.settings_from,
        failure=clean(file.failure),
    )


def told_of(files: Mapping[Path, LogFile], given: Sequence[Path]) -> list[str]:
    """Return notices of what was skipped, and of what is in no known format."""
    notices = [
        f"{clean(path.name)}: skipped {reason}: {count:,}"
        for path, file in files.items()
        if file.skipped
        for reason, count in sorted(file.skipped.items())
        if count
    ]
    notices += [
        f"{quoted(path)}: no format recognises it so far"
        for path in given
        if path in files and files[path].unrecognised
    ]
    unknown = [
        clean(path.name)
        for path, file in files.items()
        if file.foreign and file.bytes_read
        if path not in given and path.suffix in _LOG_SUFFIXES and path.name != _INCIDENTS
    ]
    if unknown:
        names = ", ".join(unknown[:_NAMED]) + (" ..." if len(unknown) > _NAMED else "")
        notices.append(f"in no known format: {names}")
    return notices


def quoted(path: Path) -> str:
    """Return a path as it may be shown, in quotes."""
    return f"'{clean(str(path))}'"
