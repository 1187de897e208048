"""The header: the first line of a file, and of each attempt after it, says whose lines follow."""

import os
from collections.abc import Mapping

import orjson

from trainmon.record import FORMAT_VERSION, HEADER_KEY
from trainmon.writer.launcher import Process
from trainmon.writer.origins.origin import origin
from trainmon.writer.plain import Plain


def header_line(
    process: Process, *, run: str, config: Mapping[str, Plain], attempt: int, now: float
) -> bytes:
    """Return the header, ending in a newline, of an attempt that begins at `now` (Unix seconds).

    The format's number comes first, by which `past` finds headers without parsing a whole file.
    """
    header = {
        HEADER_KEY: FORMAT_VERSION,
        "run": run,
        "time": now,
        "config": config,
        "rank": process.rank,
        "world_size": process.world_size,
        "host": os.uname().nodename,
        "pid": os.getpid(),
        "attempt": attempt,
        "launch": process.launch,
        **origin(),
    }
    known = {name: value for name, value in header.items() if value is not None}
    return orjson.dumps(known, None, orjson.OPT_APPEND_NEWLINE)
