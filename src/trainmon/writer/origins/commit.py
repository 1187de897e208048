"""The git commit that a training's code is at, read from ``.git`` without starting git.

A process takes milliseconds to start and may wait for a lock; the few small files that name the
commit take microseconds. Their layout: https://git-scm.com/docs/gitrepository-layout
"""

# ruff: noqa: PTH116, PTH118, PTH120 - pathlib costs 4 ms to import

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from trainmon.writer.plain import text

_FOLDERS_LIMIT = 64
"""Folders looked at on the way up: real trees are ten or so deep."""

_LINKS_LIMIT = 5
"""References followed from one to the next, as many as git follows."""

_SMALL_FILE = 4096
"""Bytes read of a file that holds one path or one reference: no path is longer."""

_PACKED_REFS = 1 << 20
"""Bytes read of ``packed-refs``. It is sorted: the branches, 15,000 of them, come before tags."""

_ID_LENGTHS = (40, 64)
"""Digits of a commit's name: of SHA-1, or of SHA-256 in repositories made so."""

_DIGITS = frozenset("0123456789abcdef")

_FILE_LINK = "gitdir: "
_NAME_LINK = "ref: "


class Commit(NamedTuple):  # a dataclass would take a quarter of a millisecond to make
    """The commit checked out, in hexadecimal digits, and its branch, None if it is on none."""

    id: str
    branch: str | None


class _Repository(NamedTuple):
    """What is checked out, and where to look references up: a worktree shares most with others."""

    head: str
    own: str
    common: str


def commit_of(folder: str | os.PathLike[str]) -> Commit | None:
    """Return the commit checked out in `folder`, or in the nearest folder above that has one.

    None where there is no repository, no commit yet, or anything unusual; nothing is raised. As
    git's, the search ends where another file system begins: looking may mount what lies beyond.
    """
    try:
        found = filter(None, map(_repository, _upwards(os.path.realpath(folder))))
        repository = next(found, None)
    except (OSError, ValueError):
        return None
    return None if repository is None else _checked_out(repository)


def _upwards(folder: str) -> Iterator[str]:
    device = os.stat(folder).st_dev
    for _ in range(_FOLDERS_LIMIT):
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or os.stat(parent).st_dev != device:
            return
        folder = parent


def _repository(folder: str) -> _Repository | None:
    """Return the repository whose working tree begins at `folder`, if one does."""
    own = f"{folder}/.git"
    link = _content(own)
    if link is not None:  # of a worktree or a submodule, which are kept elsewhere
        if not link.startswith(_FILE_LINK):
            return None
        own = os.path.join(folder, link.removeprefix(_FILE_LINK))
    head = _content(f"{own}/HEAD")
    if head is None or not (_is_id(head) or _target(head)):
        return None
    return _Repository(head, own, os.path.join(own, _content(f"{own}/commondir") or ""))


def _checked_out(repository: _Repository) -> Commit | None:
    branch = _target(repository.head)
    if branch is not None:
        branch = text(branch.removeprefix("refs/heads/"))
    value: str | None = repository.head
    for _ in range(_LINKS_LIMIT):
        if value is None:
            break
        if _is_id(value):
            return Commit(value, branch)
        name = _target(value)
        value = None if name is None else _value(repository, name)
    return None


def _target(value: str) -> str | None:
    """Return the name of the reference that another one stands for, if it does."""
    name = value.removeprefix(_NAME_LINK)
    return name if name != value and _is_name(name) else None


def _is_id(value: str) -> bool:
    return len(value) in _ID_LENGTHS and _DIGITS.issuperset(value)


def _is_name(name: str) -> bool:
    """Return whether a reference may be called so: as a path in ``.git`` it leads nowhere else."""
    root, *parts = name.split("/")
    printable = name.isprintable() and " " not in name
    return root == "refs" and printable and all(part.strip(".") == part != "" for part in parts)


def _value(repository: _Repository, name: str) -> str | None:
    return (
        _content(f"{repository.own}/{name}")
        or _content(f"{repository.common}/{name}")
        or _packed(repository, name)
    )


def _packed(repository: _Repository, name: str) -> str | None:
    """Return the value of a reference that git has put into one file with others."""
    lines = _content(f"{repository.common}/packed-refs", _PACKED_REFS) or ""
    before, found, _ = f"{lines}\n".partition(f" {name}\n")
    return before.rpartition("\n")[2] if found else None


def _content(path: str, limit: int = _SMALL_FILE) -> str | None:
    """Return what a regular file begins with, less its last newline; None if it cannot be had."""
    try:
        # Without blocking, as a pipe of that name would else wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.fsdecode(os.read(descriptor, limit)).rstrip("\r\n")
    except OSError:
        return None
    finally:
        os.close(descriptor)
