"""What loggers and launchers put ahead of a line: the time, and which rank speaks."""

import re
from datetime import datetime
from typing import NamedTuple

_STAMP = re.compile(
    r"[\[(]?(\d{4}[-/]\d\d[-/]\d\d)[T ,](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?"
    r"(Z|[+-]\d\d:?\d\d)?[\])]?[:,]?"
)
_UNDATED = re.compile(
    r"\[?(?:\d\d[/-]\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [\w.]{1,80})?\]:?(?= )"
    r"|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?= )"
)
_PLACE = re.compile(
    r"[IWE]\d{4} \d\d:\d\d:\d\d\.\d{1,9} \d{1,9} [\w.]{1,80}\.py:\d{1,6}\]"  # glog
    r"|\[?[\w./-]{1,120}\.py:\d{1,6}(?::\w{1,60})?\]?:?(?= |$)"
)
_RANK = re.compile(
    r"\[?(?:default|rank|worker|node|gpu)[-_: ]?(\d{1,5})\]?:"
    r"|\[rank ?(\d{1,5})\]"
    r"|(\d{1,5}): "  # srun --label
    r"|\(\w{1,60} pid=(\d{1,9})(?:, ip=[\d.]{1,20})?\)",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"(?:[^=]{0,120}?[ \[|])?INFO\b(?:\s?\]|:)?(?: - | \| |: | )?"  # with the logger's name
)
_LAUNCHERS = ("default", "rank", "worker", "node", "gpu")
_PLACE_LIMIT = 130
"""Characters within which a logger names itself, and the place in the code."""

_PREFIXES = 5
"""Prefixes that are taken off: a launcher's, a logger's time, its place and one more."""


class Line(NamedTuple):
    """A line without what stood ahead of it."""

    text: str
    time: float | None = None
    """Unix seconds; a stamp without a zone is in this machine's, as that is most often right."""
    rank: int | None = None
    labelled: bool = False
    """Whether the rank is a bare number and a colon, which may be a position as well."""


def undressed(text: str) -> Line:
    """Return a plain line without its prefixes.

    >>> undressed("[rank3]: 12:00:01 loss 0.5")
    Line(text='loss 0.5', time=None, rank=3, labelled=False)
    """
    time, rank, labelled = None, None, False
    for _ in range(_PREFIXES):
        first = text[:1]
        match = None
        if first in {"[", "("} or first.isdigit():
            match = _STAMP.match(text) if time is None else None
            if match:
                time = _moment(*match.groups())
            match = match or _UNDATED.match(text)
        if match is None and rank is None and (not first.isalpha() or text.startswith(_LAUNCHERS)):
            match = _RANK.match(text)
            if match:
                rank = next(int(group) for group in match.groups() if group)
                labelled = bool(match[3])
        if match is None and ".py:" in text[:_PLACE_LIMIT]:
            match = _PLACE.match(text)
        if match is None and "INFO" in text[:_PLACE_LIMIT]:
            match = _LEVEL.match(text)
        if match is None:
            break
        text = text[match.end() :].lstrip(" ")
    return Line(text, time, rank, labelled)


def _moment(date: str, clock: str, fraction: str | None, zone: str | None) -> float | None:
    """Return Unix seconds, or None for what is no date."""
    try:
        moment = datetime.fromisoformat(f"{date.replace('/', '-')}T{clock}{zone or ''}")
        seconds = moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds + (float(f"0.{fraction}") if fraction else 0.0)
