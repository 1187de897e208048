"""Open regular files for reading, and nothing else.

A FIFO blocks whoever opens it, a device may act on being opened, and ``/dev/zero`` never ends:
what lies in a folder of logs is looked at before it is opened, and once more after.
"""

import os
import stat
from pathlib import Path

from trainmon.errors import ReadError
from trainmon.text import clean

# Without O_NONBLOCK a FIFO that took the file's name after the first look would hang the open;
# without O_NOCTTY a terminal could become ours.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFREG: "file",
}


def kind_of(mode: int) -> str:
    """Return in words what a mode of ``os.stat`` stands for.

    >>> kind_of(os.stat("/").st_mode)
    'folder'
    """
    return _KINDS.get(stat.S_IFMT(mode), "special file")


def open_regular(path: Path) -> int:
    """Return a descriptor to read the regular file at `path`, links followed; close it yourself.

    Raises ReadError if something else is there, and OSError as ``os.open`` does.
    """
    _refuse_unless_regular(path, path.stat().st_mode)
    descriptor = os.open(path, _FLAGS)
    try:
        _refuse_unless_regular(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def reason_of(error: OSError | ReadError) -> str:
    """Return why something could not be opened or read, without its name."""
    return error.message if isinstance(error, ReadError) else error.strerror or str(error)


def _refuse_unless_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise ReadError(
            f"'{clean(str(path))}' is a {kind_of(mode)}", hint="only regular files are read"
        )
