"""A panel with many things in it and a cursor on one of them: runs, layers, ranks, records."""

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding

from trainmon.ui.panel import Panel

_PAGE = 10
"""Things that are a page where nothing else says so: half of a list on a small screen."""


class CursorPanel(Panel):
    """Moves its cursor by keys, by the wheel and by a click; what it is on is known by its place.

    Places count from 0 in the order in which things are read.
    """

    wheel: ClassVar[int] = 1
    """How far a turn of the wheel moves."""

    @property
    def page(self) -> int:
        """How far a key for pages moves."""
        return _PAGE

    @property
    @abstractmethod
    def count(self) -> int:
        """How many there are."""

    @property
    @abstractmethod
    def place(self) -> int:
        """Which one the cursor is on; nobody asks where there is none."""

    @abstractmethod
    def go(self, place: int) -> None:
        """Have the cursor on another one, which is there."""

    def place_under(self, row: int, col: int) -> int | None:
        """Return which one is drawn at a cell of the panel, if one is.

        Here it is a list in a box, one a line, with the cursor in sight.
        """
        del col
        rows = self.size.height - 2
        place = first_shown(self.place, rows) + row - 1
        return place if 0 < row <= rows and place < self.count else None

    def click(self, place: int) -> None:
        """Do what a click on one asks for: the cursor goes there."""
        self.go(place)

    def action_move(self, by: int) -> None:
        """Move the cursor; the first and the last hold it."""
        if self.count:
            self.go(max(0, min(self.count - 1, self.place + by)))

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.action_move(by * self.page)

    def action_first(self) -> None:
        """Move the cursor to the first."""
        if self.count:
            self.go(0)

    def action_last(self) -> None:
        """Move the cursor to the last."""
        if self.count:
            self.go(self.count - 1)

    def on_click(self, event: events.Click) -> None:
        """Do what a click asks for."""
        place = self.place_under(event.y, event.x)
        if place is not None:
            self.click(place)

    def on_mouse_scroll_down(self) -> None:
        """Move down."""
        self.action_move(self.wheel)

    def on_mouse_scroll_up(self) -> None:
        """Move up."""
        self.action_move(-self.wheel)


def up_and_down(thing: str) -> tuple[Binding, Binding]:
    """Return the keys that move a cursor to the things of this name above and below."""
    return (
        Binding("up,k", "move(-1)", "up", show=False, tooltip=f"the {thing} above"),
        Binding("down,j", "move(1)", "down", show=False, tooltip=f"the {thing} below"),
    )


def pages_and_ends(thing: str, page: str) -> tuple[Binding, Binding, Binding, Binding]:
    """Return the keys that move it by pages of so many things, and to the first and the last."""
    return (
        Binding("pageup", "page(-1)", "page up", show=False, tooltip=f"{page} up"),
        Binding("pagedown", "page(1)", "page down", show=False, tooltip=f"{page} down"),
        Binding("home", "first", "first", show=False, tooltip=f"the first {thing}"),
        Binding("end", "last", "last", show=False, tooltip=f"the last {thing}"),
    )


def first_shown(place: int, rows: int) -> int:
    """Return the first place of a list of `rows` lines that holds a place, near its beginning.

    >>> first_shown(2, 5), first_shown(7, 5)
    (0, 3)
    """
    return max(0, place - max(rows, 1) + 1)
