"""Bytes of a console as lines of plain text: no colours, no bars, every state of a progress bar."""

import re
from collections.abc import Iterator

from trainmon.record import LINE_LIMIT

TEXT_LIMIT = 65_536
"""Characters of a line that may tell something: longer ones are dumps of data."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|[@-Z\\-_])|[\x00\x08\ufeff]")
_BAR = re.compile(
    r"(?<=%)\|[^|]{0,400}\|"  # tqdm
    r"|\[=*>?\.*\](?= )"  # Keras 2
    r"|[\u2500-\u259f]+"  # Keras 3, rich
)


class Lines:
    """Cuts what is appended at newlines and carriage returns. Owned by one source."""

    def __init__(self) -> None:
        self.too_long = 0
        """Lines that were left out, being longer than a line may be."""
        self._rest = b""

    def take(self, data: bytes) -> Iterator[str]:
        """Return an iterator over the lines that further bytes complete."""
        data = self._rest + data
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._rest = data[end:]
        if len(self._rest) > LINE_LIMIT:
            self._rest = self._rest[:LINE_LIMIT] + b"+"  # too long, whatever follows
        return self._texts(data[:end])

    def finish(self) -> Iterator[str]:
        """Return an iterator over a last line that nothing ended."""
        rest, self._rest = self._rest, b""
        return self._texts(rest)

    def _texts(self, data: bytes) -> Iterator[str]:
        text = data.decode(errors="replace")
        for line in text.replace("\r", "\n").split("\n"):
            if len(line) <= TEXT_LIMIT:
                yield line
            else:
                self.too_long += 1


def plain(line: str) -> str:
    r"""Return a line without escape sequences and progress bars, its blanks made one each.

    >>> plain("\x1b[1m10/10\x1b[0m ━━━━ 1s - loss: 0.5"), plain(" 12%|#  | 1/8  [00:10<01:20]")
    ('10/10 1s - loss: 0.5', '12% 1/8 [00:10<01:20]')
    """
    if not (line.isascii() and line.isprintable()):
        line = _ESCAPES.sub("", line)
    if "%|" in line or "] " in line or not line.isascii():
        line = _BAR.sub("", line)
    return " ".join(line.split())
