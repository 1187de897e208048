"""The last line: the keys that do something here."""

from collections.abc import Sequence

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene


class Footer(Panel, can_focus=False):
    """Keys and what they do; as many as fit, the most needed first."""

    title = "footer"

    def __init__(self, keys: Sequence[tuple[str, str]], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._keys = keys

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the line."""
        return draw_footer(self._keys, scene, height, width)


def draw_footer(keys: Sequence[tuple[str, str]], scene: Scene, height: int, width: int) -> Grid:
    """Return the keys, and on the right the newest notice."""
    grid = Grid(height, width)
    col = 1
    for key, what in keys:
        parts: list[Part] = [(key, Ink.KEY), (f" {what}", Ink.DIM)]
        stop = col + len(key) + len(what) + 1
        if stop > width - 1:
            break
        grid.write_parts(0, col, parts)
        col = stop + 3
    notices = scene.view.notices or (scene.run.notices if scene.run else ())
    if notices:
        room = width - col - 2
        if room > 20:  # noqa: PLR2004 - less says nothing
            told = shortened([(notices[-1], Ink.DIM)], room)
            grid.write_parts(0, width - 1 - width_of(told), told)
    return grid
