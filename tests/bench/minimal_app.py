"""The least that Textual can do: a line of text, the last step of a file, an answer to a key.

    python -m tests.bench.minimal_app [FILE]

It stands beside our screen in the same run: what it takes, Textual takes.
"""

import os
import sys
import time
from typing import BinaryIO

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

POLL_SECONDS = 0.05
"""As often as our own follower looks at a live file."""


class MinimalApp(App[None]):
    """Shows the step of the last line of a file, or when the last key came; and how many keys."""

    _keys = 0

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static("ready", markup=False)

    def on_mount(self) -> None:
        """Follow the file."""
        if len(sys.argv) > 1:
            file = open(sys.argv[1], "rb")  # noqa: SIM115, PTH123 - open for as long as the app runs
            file.seek(0, os.SEEK_END)
            self.set_interval(POLL_SECONDS, lambda: self._look(file))

    def on_key(self, event: Key) -> None:
        """Show the key."""
        self._keys += 1
        self._tell(f"{time.perf_counter()} {event.key}")

    def _look(self, file: BinaryIO) -> None:
        lines = file.readlines()
        if lines:
            from orjson import loads  # noqa: PLC0415 - the app that only starts does without

            self._tell(f"step {loads(lines[-1])['step']:,}")

    def _tell(self, what: str) -> None:
        self.query_one(Static).update(f"{what}, {self._keys} keys")


if __name__ == "__main__":
    MinimalApp().run()
