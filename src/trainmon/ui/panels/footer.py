"""The last line: the pages and the keys that lead to them, and the keys that do something here."""

from collections.abc import Hashable, Sequence

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

Keys = Sequence[tuple[str, str]]
"""Keys, and what they do or where they lead in a word or two."""

_NOTICE = 20
"""Cells below which a notice says nothing."""

_MOST_NOTICE = 0.5
"""Of the line: what a notice may take from the keys."""


class Footer(Panel, can_focus=False):
    """The pages, the one that is shown among them; then keys, as many as fit."""

    title = "footer"

    def __init__(self, pages: Keys, here: str, keys: Keys, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._pages = pages
        self._here = here
        self._keys = keys

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the notices alone."""
        return _notices(scene)

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the line."""
        return draw_footer(self._pages, self._here, self._keys, scene, height, width)


def draw_footer(pages: Keys, here: str, keys: Keys, scene: Scene, height: int, width: int) -> Grid:
    """Return the pages and the keys, and on the right the newest notice.

    Where there is no room for all pages by name, the one that is shown alone has its name.
    """
    grid = Grid(height, width)
    notices = _notices(scene)
    named = _line(pages, here, spaces=2)
    if width_of(named) > width - 2:
        named = _line([(key, name if name == here else "") for key, name in pages], here, spaces=1)
    col = grid.write_parts(0, 1, named) + 2
    end = width - 1
    if notices:
        room = max(_NOTICE, int(_MOST_NOTICE * (end - col)))
        told = shortened([(notices[-1], Ink.DIM)], room)
        if end - width_of(told) > col:
            end -= width_of(told)
            grid.write_parts(0, end, told)
    fitting: list[tuple[str, str]] = []
    for key in keys:
        if width_of(_line([*fitting, key], "", spaces=2)) > end - col - 2:
            break
        fitting.append(key)
    shown = _line(fitting, "", spaces=2)
    grid.write_parts(0, col if notices else max(col, end - width_of(shown)), shown)
    return grid


def _notices(scene: Scene) -> Sequence[str]:
    return tuple(scene.view.notices or (scene.run.notices if scene.run else ()))


def _line(keys: Keys, here: str, *, spaces: int) -> list[Part]:
    """Return keys with what they do, and `here` stands out."""
    parts: list[Part] = []
    for place, (key, what) in enumerate(keys):
        parts.append((" " * spaces if place else "", Ink.DIM))
        parts.append((key, Ink.KEY))
        if what:
            parts.append((f" {what}", Ink.STRONG if what == here else Ink.DIM))
    return parts
