"""A program on a terminal of its own, and what its screen shows at every moment.

The terminal is a pseudo terminal as `ssh` or `tmux` would give one; its screen understands what
Textual sends: positions, styles and text of single-width characters.
"""

import atexit
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from math import inf, isfinite
from types import TracebackType
from typing import Self

Shown = Callable[["Screen"], bool]
"""Tells whether a screen shows what is waited for."""

ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b]11;?": b"\x1b]11;rgb:0f0f/1212/1818\x1b\\",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
}
"""What a modern terminal answers: it can take a whole frame at once, its ground is dark, and so
on. Some programs wait for it."""

BYTECODE = tempfile.mkdtemp(prefix="trainmon-bench-")
"""Where all programs keep their compiled modules: a checkout may have none, an installation has."""

atexit.register(shutil.rmtree, BYTECODE, ignore_errors=True)

_READ_BYTES = 65_536
"""Bytes of one read: more than a pseudo terminal holds."""

_SLOW_READ_BYTES = 128
"""Bytes that arrive at once at the end of a slow line: a part of a frame."""

_BEGIN = b"\x1b[?2026h"
"""What begins a repaint; in a few of ten thousand it is cut by the end of a read."""

_SEQUENCE = re.compile(
    r"\x1b\[(?P<arguments>[\d;:?>=<]*)[ -/]*(?P<final>[@-~])"  # positions, styles, modes
    r"|\x1b[\]P_^X].*?(?:\x07|\x1b\\)"  # titles and the like
    r"|\x1b[()#][ -~]|\x1b[ -Z\\^-~]",
    re.DOTALL,
)


class Screen:
    """Cells with a character and a style each, as the bytes of a program left them."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.cells = [[" "] * width for _ in range(height)]
        self.styles = [[""] * width for _ in range(height)]
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._row = self._col = 0
        self._style = ""

    def feed(self, output: bytes) -> None:
        """Take in what a program sent; a sequence that is cut waits for its end."""
        text = self._rest + self._decoder.decode(output)
        self._rest = ""
        at = 0
        while at < len(text):
            escape = text.find("\x1b", at)
            self._write(text[at : escape if escape >= 0 else len(text)])
            if escape < 0:
                return
            found = _SEQUENCE.match(text, escape)
            if found is None:
                self._rest = text[escape:]
                return
            if found["final"]:
                self._obey(found["final"], found["arguments"])
            at = found.end()

    def row(self, index: int) -> str:
        """Return the characters of one row."""
        return "".join(self.cells[index])

    def text(self) -> str:
        """Return all rows."""
        return "\n".join(map(self.row, range(self.height)))

    def _obey(self, final: str, arguments: str) -> None:
        if final in "Hf":
            row, _, col = arguments.partition(";")
            self._row, self._col = int(row or 1) - 1, int(col or 1) - 1
        elif final == "m":
            self._style = styled(self._style, arguments)
        elif final == "J":
            self.cells = [[" "] * self.width for _ in range(self.height)]

    def _write(self, text: str) -> None:
        for piece in re.split(r"([\r\n])", text):
            if piece == "\n":
                self._row += 1
            elif piece == "\r":
                self._col = 0
            elif piece and self._row < self.height:
                fitting = piece[: max(self.width - self._col, 0)]
                stop = self._col + len(fitting)
                self.cells[self._row][self._col : stop] = fitting
                self.styles[self._row][self._col : stop] = [self._style] * len(fitting)
                self._col = stop


@lru_cache(maxsize=4_096)
def styled(style: str, arguments: str) -> str:
    """Return a style after a change: its attributes, colour and ground, in this order.

    >>> styled("1;31;40", "32"), styled("1;31;40", "0;38;5;7"), styled("31", "")
    ('1;32;40', '38;5;7', '')
    """
    kept: dict[str, str] = {}
    codes = iter([*filter(None, style.split(";")), *(arguments or "0").split(";")])
    for code in codes:
        if code in {"", "0"}:
            kept.clear()
        elif code in {"38", "48"}:  # a colour of 256, or red, green and blue
            kind = next(codes, "5")
            values = [next(codes, "0") for _ in range(1 if kind == "5" else 3)]
            kept["ground" if code == "48" else "color"] = ";".join([code, kind, *values])
        elif code[:-1] in {"3", "9", "4", "10"}:
            kept["color" if code[0] in "39" else "ground"] = code
        else:
            kept[f"attribute {code}"] = code
    return ";".join(kept[name] for name in sorted(kept))


class Terminal:
    """A running program and its screen; nothing is read from it but by `outputs`.

    It stands at the other end of a line that takes `per_second` bytes.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        height: int = 36,
        width: int = 120,
        per_second: float = inf,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = Screen(height, width)
        self.bytes_read = 0
        self.frames = 0
        """Repaints that have begun."""
        self._end = b""
        """The last of what was read: a question may have begun there."""
        self._per_second = per_second
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        environment |= {"PYTHONPYCACHEPREFIX": BYTECODE, **(variables or {})}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, process_group=0
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def press(self, key: str) -> float:
        """Press a key and return when."""
        moment = time.perf_counter()
        os.write(self._master, key.encode())
        return moment

    def outputs(self, seconds: float) -> Iterator[float]:
        """Yield when each piece of output came, with the screen up to date, for some seconds.

        Raises EOFError when the program ends.
        """
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                slow = isfinite(self._per_second)
                output = os.read(self._master, _SLOW_READ_BYTES if slow else _READ_BYTES)
            except OSError:  # how Linux tells that the other side was closed
                output = b""
            time.sleep(len(output) / self._per_second)
            moment = time.perf_counter()
            if not output:
                raise EOFError(f"the program ended:\n{self.screen.text()}")
            self.bytes_read += len(output)
            self.frames += output.count(_BEGIN)
            self._answer(output)
            self.screen.feed(output)
            yield moment

    def _answer(self, output: bytes) -> None:
        """Answer what is asked, also where a read cuts the question."""
        asked = self._end + output
        for question, answer in ANSWERS.items():
            first = max(0, len(self._end) - len(question) + 1)
            if question in asked[first:]:
                os.write(self._master, answer)
        self._end = asked[-max(map(len, ANSWERS)) :]

    def wait_for(self, shown: Shown, seconds: float = 20.0) -> float:
        """Return when the screen came to show something; raise TimeoutError if it did not."""
        if shown(self.screen):
            return time.perf_counter()
        for moment in self.outputs(seconds):
            if shown(self.screen):
                return moment
        raise TimeoutError(f"not shown within {seconds} s:\n{self.screen.text()}")

    def read_for(self, seconds: float) -> None:
        """Take whatever comes for some seconds."""
        for _ in self.outputs(seconds):
            pass
