"""Files that lie beside a log and tell the configuration of its run."""

import os
from pathlib import Path
from typing import Any

from trainmon.errors import ReadError
from trainmon.record import EventKind
from trainmon.settings_file import SETTINGS_BYTES
from trainmon.source import Source
from trainmon.store.batch import Batch, LogEvent
from trainmon.store.rows import told
from trainmon.tail import open_regular
from trainmon.text import clean, clean_fields

COMPANIONS_LIMIT = 1_000
"""Files that are read for settings: where each is one parameter, real runs have some hundred."""


def settings_beside(source: Source) -> Batch | None:
    """Return what the companions of a log tell, as one event, or None if there are none.

    The event's ``from`` names the files that told something.
    """
    settings: dict[str, Any] = {}
    names = []
    for path in list(source.companions())[:COMPANIONS_LIMIT]:
        content = _content(path)
        told_here = source.settings(path, content) if content is not None else {}
        if told_here:
            settings |= told_here
            names.append(clean(path.name))
    if not settings:
        return None
    fields = {"config": clean_fields(settings), "from": names}
    return told([LogEvent(0, EventKind.CONFIG, fields)])


def _content(path: Path) -> bytes | None:
    """Return the beginning of a regular file, None if there is none to be read."""
    try:
        descriptor = open_regular(path)
    except (OSError, ReadError):
        return None
    try:
        return os.read(descriptor, SETTINGS_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
