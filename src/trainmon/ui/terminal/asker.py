"""Asks the terminal of an app how soon it answers, and has its line know what it is given."""

from collections.abc import Callable

from textual.app import App

from trainmon.ui.terminal.line import QUESTION, Line
from trainmon.ui.terminal.slow_line import bytes_given, unsent


class Asker:
    """Stands between an app and what is known of its line. Owned by the thread that draws.

    Only a terminal is asked that has answered the same question to Textual.
    """

    def __init__(self, app: App[None], timer: Callable[[], float]) -> None:
        self.line = Line(timer)
        self._app = app
        self._given = 0
        """Bytes that the terminal was given so far."""

    def sent(self) -> None:
        """Take in that something was sent, and ask how soon it is there if it was much."""
        given = bytes_given(self._app._driver)  # noqa: SLF001 - Textual has no public way to it
        self.line.given(given - self._given)
        self._given = given
        if self.line.is_to_be_asked:
            self._ask()

    def rest(self) -> None:
        """Ask, if that is not known, how soon an answer comes while nothing else is sent."""
        if self.line.is_to_be_tried:
            self._ask()

    @property
    def unsent(self) -> int:
        """How much of what was drawn waits for the line, if it is too much."""
        return unsent(self._app._driver) or int(self.line.is_busy)  # noqa: SLF001 - as above

    def _ask(self) -> None:
        driver = self._app._driver  # noqa: SLF001 - as above
        if self._app._sync_available and driver:  # noqa: SLF001 - as above
            self.line.asked()
            driver.write(QUESTION)
