"""One frame of the screen without a terminal: as text, or as a picture."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from trainmon.ui.app import TrainmonApp
from trainmon.ui.charts.grid import Grid
from trainmon.ui.look.glyphs import Glyphs, text_with_glyphs
from trainmon.ui.look.themes import DEFAULT, ink_styles, load_theme
from trainmon.ui.page import Page
from trainmon.ui.pages import FIRST, PAGES
from trainmon.ui.panel import panels_of
from trainmon.view import View

Size = tuple[int, int]
"""Columns and rows."""

USUAL: Size = (120, 36)
"""Where no terminal tells its size."""


@dataclass(frozen=True, slots=True)
class Still:
    """A frame, and the theme that its inks are of."""

    grid: Grid
    svg: str
    theme: str
    glyphs: Glyphs = Glyphs.BRAILLE

    @property
    def text(self) -> str:
        """The characters of the frame, as a terminal with these glyphs shows them."""
        return text_with_glyphs(self.grid.text(), self.glyphs)

    def print(self, console: Console) -> None:
        """Write the frame as text, in colours where the console has them."""
        styles = ink_styles(load_theme(self.theme))
        for row in range(self.grid.height):
            line = Text(no_wrap=True, end="\n")
            for text, ink in self.grid.runs(row):
                line.append(text_with_glyphs(text, self.glyphs), styles[ink])
            line.rstrip()
            console.print(line, highlight=False, overflow="ignore", crop=False)


class _OneView:
    """A feed that posts one view and no more."""

    def __init__(self, post: Callable[[View], None], view: View) -> None:
        self._post = post
        self._view = view

    def start(self) -> None:
        """Post the view."""
        self._post(self._view)

    def stop(self) -> None:
        """Nothing to end."""


def still(
    view: View,
    now: float,
    *,
    size: Size = USUAL,
    theme: str = DEFAULT,
    page: str = FIRST,
    keys: Sequence[str] = (),
    title: str = "trainmon",
    remember: bool = False,
    glyphs: Glyphs = Glyphs.BRAILLE,
) -> Still:
    """Return a frame of a view as it looks at a time in Unix seconds, after some keys.

    With `remember` findings stand as the person has said that they do.
    """
    app = TrainmonApp(
        lambda post: _OneView(post, view),
        theme=theme,
        clock=lambda: now,
        remember=remember,
        glyphs=glyphs,
    )
    grid, svg = asyncio.run(_drawn(app, size, (PAGES[page], *keys), title))
    return Still(grid, svg, theme, glyphs)


async def _drawn(app: TrainmonApp, size: Size, keys: Sequence[str], title: str) -> tuple[Grid, str]:
    # The one way of Textual's to run an app without a terminal and to say when to look at it.
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        page = next(screen for screen in app.screen_stack if isinstance(screen, Page))
        return _grid_of(page), app.export_screenshot(title=title, simplify=True)


def _grid_of(page: Page) -> Grid:
    """Return what the panels of a page have drawn, each where it stands."""
    grid = Grid(page.size.height, page.size.width)
    for panel in panels_of(page):
        if panel.display and panel.region.area:
            grid.paste(panel.grid, panel.region.y, panel.region.x)
    return grid
