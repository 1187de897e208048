"""A command on a pseudo terminal, as `ssh` would give one, and what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.terminal import Screen

PATIENCE = 30.0
"""Seconds that something may take to be shown on a busy machine; it takes one or two."""

FRAME_GAP = 0.3
"""Seconds of silence after which a frame has ended: it is sent in one piece, and the clocks of the
screen tick once a second."""

HEIGHT, WIDTH = 36, 120

SOURCES = Path(__file__).parents[2] / "src"


class Session:
    """A running command, its screen, and all that it sent."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self.screen = Screen(HEIGHT, WIDTH)
        self.sent = b""
        self._terminal = terminal

    def wait_for(self, shown: Callable[[str], bool]) -> str:
        """Return the screen once it shows something; raise TimeoutError if it never does."""
        return self._read_until(lambda: shown(self.screen.text()))

    @property
    def modes(self) -> list[Any]:
        """The modes of the terminal: echo, line editing, signals."""
        return termios.tcgetattr(self._terminal)

    def whole_frame(self) -> str:
        """Return the screen when the frame that is being sent has ended."""
        while self._read(seconds=FRAME_GAP):
            pass
        return self.screen.text()

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def end(self) -> int:
        """Return the exit code of the command when it has ended, having read all it sent."""
        self._read_until(lambda: self.process.poll() is not None)
        while self._read(seconds=0.0):
            pass
        return self.process.returncode

    def hang_up(self) -> int:
        """Take the terminal away, as a broken connection does; return the exit code."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self._terminal)  # closes it, and leaves its number taken
        os.close(nothing)
        return self.process.wait(PATIENCE)

    def _read_until(self, done: Callable[[], bool]) -> str:
        give_up = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > give_up:
                raise TimeoutError(f"not shown:\n{self.screen.text()}")
            self._read(seconds=0.1)
        return self.screen.text()

    def _read(self, seconds: float) -> bool:
        """Take in what comes within some seconds; return whether anything did."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        output = os.read(self._terminal, 65_536)
        self.sent += output
        self.screen.feed(output)
        return True


@contextmanager
def on_a_terminal(arguments: Sequence[str | Path], **environment: str) -> Iterator[Session]:
    """Run trainmon on a terminal; it is killed if it is still there in the end."""
    terminal, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", "trainmon", *map(str, arguments)],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": str(SOURCES)} | environment,
        process_group=0,
    )
    session = Session(process, terminal)
    try:
        yield session
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(inner)
        os.close(terminal)
