"""The cursor of a panel: moved by one, by pages, to the ends, and never beyond them."""

import pytest

from trainmon.ui.charts.grid import Grid
from trainmon.ui.cursor_panel import CursorPanel
from trainmon.ui.scene import Scene


class Words(CursorPanel):
    """So many words, one a line."""

    title = "words"
    wheel = 3

    def __init__(self, count: int, place: int = 0) -> None:
        super().__init__()
        self._count = count
        self._place = place
        self.gone: list[int] = []

    @property
    def count(self) -> int:
        return self._count

    @property
    def place(self) -> int:
        return self._place

    def go(self, place: int) -> None:
        self._place = place
        self.gone.append(place)

    def place_under(self, row: int, col: int) -> int | None:
        return row if row < self._count and col < 9 else None

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        del scene
        return Grid(height, width)


@pytest.mark.parametrize(("by", "place"), [(1, 6), (-1, 4), (9, 14), (99, 19), (-99, 0)])
def test_the_cursor_moves_and_the_ends_hold_it(by: int, place: int) -> None:
    words = Words(20, 5)
    words.action_move(by)
    assert words.place == place


def test_a_page_the_wheel_and_the_ends_move_it_further() -> None:
    words = Words(40)
    words.action_page(1)
    words.on_mouse_scroll_down()
    words.on_mouse_scroll_down()
    words.on_mouse_scroll_up()
    words.action_last()
    words.action_first()
    assert words.gone == [10, 13, 16, 13, 39, 0]


def test_where_there_is_nothing_no_key_goes_anywhere() -> None:
    words = Words(0)
    words.action_move(1)
    words.action_page(-1)
    words.action_first()
    words.action_last()
    assert words.gone == []
