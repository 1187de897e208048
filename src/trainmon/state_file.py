"""Files in which trainmon remembers what a person said and did, under ``XDG_STATE_HOME``."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def state_path(name: str) -> Path:
    """Return where a file of this name is, whether or not it exists."""
    base = os.environ.get("XDG_STATE_HOME", "")
    # The specification has relative paths ignored.
    folder = base if os.path.isabs(base) else os.path.expanduser("~/.local/state")  # noqa: PTH111, PTH117 - an empty text is no path, and pathlib raises without a home
    return Path(folder) / "trainmon" / name


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; raises `OSError` where it cannot be written."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(part).replace(path)
    except OSError:
        with suppress(OSError):
            Path(part).unlink()
        raise
