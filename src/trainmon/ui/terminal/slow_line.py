"""Tells how much of what was drawn has not gone out yet, so that a slow line gets fewer frames.

Textual queues what it draws for a thread that writes it. On a line that takes less than is drawn
the queue would grow until keys wait for it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import IO, Any

from textual.driver import Driver


class _Counted:
    """A terminal that counts the characters it has taken. Written to by one thread."""

    def __init__(self, file: IO[str]) -> None:
        self.taken = 0
        self._file = file

    def write(self, text: str) -> None:
        """Write a text, and return when the terminal has taken it."""
        self._file.write(text)
        self._file.flush()
        self.taken += len(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a file has
        return getattr(self._file, name)


class Counting(Driver):
    """What a driver of a terminal needs to know what waits to be written."""

    _file: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(*arguments, **options)
        self._given = 0
        self.bytes_given = 0
        """Bytes that were drawn so far."""
        self._held: list[str] | None = None
        self._counted = self._file = _Counted(self._file)

    def write(self, data: str) -> None:
        """Queue what is to be written."""
        if self._held is not None:
            self._held.append(data)
            return
        self._given += len(data)
        self.bytes_given += len(data.encode(errors="replace"))
        super().write(data)  # type: ignore[safe-super]  # a whole driver is behind it

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Queue all that is written meanwhile as one piece: a terminal shows what it gets so."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = "".join(self._held), None
            if held:
                self.write(held)

    @property
    def unsent(self) -> int:
        """The characters that were drawn and that the terminal has not taken yet."""
        return self._given - self._counted.taken


def counting(driver: type[Driver]) -> type[Driver]:
    """Return a driver that counts, where the usual one writes to a terminal as Linux has them."""
    if driver.__name__ != "LinuxDriver":
        return driver
    return type("CountingDriver", (Counting, driver), {})


def at_once(driver: Driver | None) -> AbstractContextManager[None]:
    """Return what has all that is written in it written at once, where a driver can."""
    return driver.at_once() if isinstance(driver, Counting) else nullcontext()


def unsent(driver: Driver | None) -> int:
    """Return the characters that a driver has not got rid of; 0 where it does not count."""
    return driver.unsent if isinstance(driver, Counting) else 0


def bytes_given(driver: Driver | None) -> int:
    """Return the bytes that a driver was given so far; 0 where it does not count."""
    return driver.bytes_given if isinstance(driver, Counting) else 0
