"""JSON objects among lines of text: alone on a line, or at its end behind a logger's words."""

import re

from trainmon.decode import Decoded, decode

_PADDING = b"\x00\r\t \xef\xbb\xbf"
"""What crashes, other systems and editors leave around a line."""

_OBJECT = re.compile(rb"\{\s{0,9}[\"}]")
"""How an object begins: with a name, or it is empty."""

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""What stands in no line of text: other formats hold objects among bytes. Escapes are colours."""


def decode_line_ends(lines: bytes) -> tuple[Decoded, bool]:
    r"""Return the object at the end of each line that has one, and whether words stand before any.

    An object begins at the first brace of its line that a quote follows.

    >>> decode_line_ends(b'INFO: {"loss": 1.5}\nbye\n')
    (Decoded(records=[{'loss': 1.5}], unreadable=1, other=0), True)
    """
    ends: list[bytes] = []
    without, behind_words = 0, False
    for line in lines.split(b"\n"):
        stripped = line.strip(_PADDING)
        found = _OBJECT.search(stripped) if stripped.endswith(b"}") else None
        if found and not _BINARY.search(stripped, 0, found.start()):
            behind_words |= found.start() > 0
            ends.append(stripped[found.start() :])
        elif stripped:
            without += 1
    decoded = decode(b"\n".join(ends)) if ends else Decoded()
    return Decoded(decoded.records, decoded.unreadable + without, decoded.other), behind_words
