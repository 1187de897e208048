"""An event line: something that happened once, with fields of its own."""

from collections.abc import Mapping

import orjson

from trainmon.record import EVENT_KEY, HEADER_KEY
from trainmon.writer.draft import ReservedNameError
from trainmon.writer.plain import Plain, plain, text
from trainmon.writer.scalar import LeaveOut

_OWN_KEYS = frozenset({HEADER_KEY, EVENT_KEY, "time"})


def event_line(
    kind: str, fields: Mapping[str, object], position: Mapping[str, object], leave_out: LeaveOut
) -> bytes:
    """Return the line, ending in a newline, of an event of `kind` that happened at `position`."""
    line: dict[str, Plain] = {EVENT_KEY: text(kind)}
    line |= {name: plain(value) for name, value in position.items()}
    for name, value in fields.items():
        if name in _OWN_KEYS:
            leave_out(name, ReservedNameError())
        else:
            line[text(name)] = plain(value)
    return orjson.dumps(line, None, orjson.OPT_APPEND_NEWLINE)
