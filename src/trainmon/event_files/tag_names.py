"""The metrics' names in event files: from their tags, and from the folder that the file is in.

Keras writes one run into ``train`` and ``validation`` with the same tags; torch's ``add_scalars``
writes each curve into a folder ``<tag>_<name>``.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from trainmon.splits import name_in
from trainmon.text import clean

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "eval": "eval",
    "test": "test",
}

_BY_EPOCH = "epoch_"
"""How Keras begins the tags that it counts by epoch."""

_MILLISECONDS = re.compile(r"(?<=.)(?:_ms|\s?\(ms\))$")
_MILLISECOND = 1e-3

_ENTRIES = 1_000
"""Entries of a folder that are looked at for other event files: folders of samples are larger."""


class TagNames:
    """Names the tags of one file. `split` is the part of a run that it holds; empty if all."""

    def __init__(self, path: Path | None) -> None:
        self.split = split_of(path) if path else ""
        self.by_epoch: set[str] = set()
        """Names whose counter is the epoch for certain."""
        self._folder = path.parent.name if path else ""

    def name(self, tag: str) -> tuple[str, float]:
        """Return the name of a tag, harmless to show, and the factor that gives its unit."""
        name = clean(tag) or "value"
        plain = _MILLISECONDS.sub("", name)
        scale = 1.0 if plain == name else _MILLISECOND
        return self._placed(plain), scale

    def _placed(self, name: str) -> str:
        """Return a name with what the folder adds to it."""
        if self.split:
            by_epoch = name.startswith(_BY_EPOCH)
            name = name_in(self.split, name.removeprefix(_BY_EPOCH))
            if by_epoch:
                self.by_epoch.add(name)
        elif self._folder.startswith(prefix := name.replace("/", "_") + "_"):
            name = clean(f"{name}/{self._folder.removeprefix(prefix)}")
        return name


@lru_cache(maxsize=4096)
def split_of(path: Path) -> str:
    """Return the split that a file holds if its folder and one beside it are parts of one run."""
    split = _SPLITS.get(path.parent.name.lower(), "")
    if not split:
        return ""
    beside = (
        folder
        for folder in _entries(path.parent.parent)
        if _SPLITS.get(folder.name.lower(), split) != split
    )
    return split if any(next(event_files(folder), None) for folder in beside) else ""


def is_curve(path: Path) -> bool:
    """Return whether a file holds one curve of ``add_scalars`` for a split: ``loss_train``.

    The process that wrote it has a file in the folder above, as other runs beside it have not.
    """
    folder, writer = path.parent, _writer(path)
    if not writer or folder.name.lower().rpartition("_")[2] not in _SPLITS:
        return False
    return any(_writer(other) == writer for other in event_files(folder.parent))


def has_curves(folder: Path) -> bool:
    """Return whether folders within one hold curves of its run."""
    split = (
        entry for entry in _entries(folder) if entry.name.lower().rpartition("_")[2] in _SPLITS
    )
    return any(is_curve(path) for entry in split for path in islice(event_files(entry), 1))


def _writer(path: Path) -> str:
    """Return the host and the process in a name: events.out.tfevents.<time>.<host>.<pid>.<n>."""
    return path.name.partition(".tfevents.")[2].partition(".")[2].rpartition(".")[0]


def event_files(folder: Path) -> Iterator[Path]:
    """Yield what looks like event files in a folder."""
    return (path for path in _entries(folder) if ".tfevents." in path.name)


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from islice(folder.iterdir(), _ENTRIES)
    except OSError:
        return
