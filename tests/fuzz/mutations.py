"""Changes to a log that leave most of it a log: lines moved, numbers replaced by special ones.

Changing bytes alone rarely gets past the recognition of a line.
"""

import re
from random import Random

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")

_SPECIAL = (
    *(b"0", b"1", b"2", b"10", b"1000", b"-1", b"-0", b"1.5", b"1e9", b"1e999", b"9" * 25),
    *(b"", b"nan", b"NaN", b"inf", b"-Infinity", b"null", b'"1"', b"1,000", b"{}", b"[1]"),
)
"""What may stand in the place of a number: counters that go back, gaps, what is beyond floats."""

_BETWEEN = (
    b'"',
    b"{",
    b"}",
    b"[",
    b",",
    b":",
    b"\x1b[0m",
    b"\xff",
    b"\0",
    b"#",
    b"\t",
    b"\r",
    b"%",
)

_MOST = 6
"""Changes at once: more of them leave no log."""

_REPEATED = 8
"""Lines of the beginning that may come again, as those of a further run do."""


def changed(log: bytes, random: Random) -> bytes:
    """Return a log with a few of its lines changed."""
    lines = log.splitlines(keepends=True) or [b"\n"]
    for _ in range(random.randint(1, _MOST)):
        at = random.randrange(len(lines))
        change = random.choice((_numbered, _numbered, _numbered, _spoiled, _moved, _begun_again))
        change(lines, at, random)
    return b"".join(lines)


def _numbered(lines: list[bytes], at: int, random: Random) -> None:
    """Replace a number."""
    numbers = list(_NUMBER.finditer(lines[at]))
    if numbers:
        start, end = random.choice(numbers).span()
        lines[at] = lines[at][:start] + random.choice(_SPECIAL) + lines[at][end:]


def _spoiled(lines: list[bytes], at: int, random: Random) -> None:
    """Insert a sign that means something to some format."""
    place = random.randint(0, len(lines[at]))
    lines[at] = lines[at][:place] + random.choice(_BETWEEN) + lines[at][place:]


def _moved(lines: list[bytes], at: int, random: Random) -> None:
    """Let a line stand elsewhere, or there as well."""
    line = lines[at] if random.random() < 1 / 2 else lines.pop(at)
    lines.insert(random.randint(0, len(lines)), line)


def _begun_again(lines: list[bytes], at: int, random: Random) -> None:
    """Repeat the beginning in the middle."""
    lines[at:at] = lines[: random.randint(1, _REPEATED)]
