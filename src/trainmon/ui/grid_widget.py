"""A widget that shows a grid: what stands in it, in which styles, and what of it is to be sent."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from math import inf

from rich.segment import Segment
from rich.style import Style
from textual.dom import NoScreen
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from trainmon.ui.charts.grid import Grid, Span
from trainmon.ui.look.glyph_filter import GlyphFilter
from trainmon.ui.look.glyphs import Glyphs, text_with_glyphs
from trainmon.ui.look.no_colors import no_colors
from trainmon.ui.look.sixteen_colors import sixteen_colors
from trainmon.ui.look.themes import ink_styles
from trainmon.ui.terminal.pen import Pen

SPAN_CELLS = 3
"""Cells that take as many bytes as to go to the beginning of a span."""

_SPANS_A_ROW = 16
"""Spans for each row beyond which a panel that is not sent is to be sent as a whole."""


class GridWidget(Widget):
    """Shows the last grid that was drawn for it, and remembers which spans of it are to be sent."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._grid = Grid(0, 0)
        self._styles: list[Style] = []
        self._glyphs: Glyphs | None = None
        """What braille is replaced by; None if it is not."""
        self._lines: dict[int, list[Segment]] = {}
        """The rows that were asked for as they are; a strip would keep all its parts as well."""
        self._unsent: list[Span] = []
        """The spans that were drawn and not sent yet."""

    @property
    def grid(self) -> Grid:
        """What was drawn last; not to be changed."""
        return self._grid

    def take_unsent(self, cells: float = inf) -> list[Span]:
        """Return the spans that were drawn since the last call, those of so many cells at most.

        Whole spans are, and so a few cells more, unless there is room for none.
        """
        if cells == inf:
            spans, self._unsent = self._unsent, []
            return spans
        count = 0
        while cells > 0 and count < len(self._unsent):
            _, start, stop = self._unsent[count]
            cells -= stop - start + SPAN_CELLS
            count += 1
        spans, self._unsent = self._unsent[:count], self._unsent[count:]
        return spans

    @property
    def unsent_cells(self) -> int:
        """The cells that were drawn and are not sent yet, counting what goes to each costs."""
        return sum(stop - start + SPAN_CELLS for _, start, stop in self._unsent)

    def render_line(self, y: int) -> Strip:
        """Return one line of the last grid."""
        if y >= self._grid.height:
            return Strip.blank(self.size.width, self.styles_of_inks[0])
        if y not in self._lines:
            self._lines[y] = [Segment(text, style) for text, style in self._pieces(y, 0, None)]
        return Strip(self._lines[y], self._grid.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return a part of the last grid, which Textual has no border or padding to add to."""
        return [self.render_line(y).crop(crop.x, crop.right) for y in crop.line_range]

    def write_to(self, pen: Pen, crop: Region) -> None:
        """Write a part of one row of the last grid."""
        row = crop.y
        beyond = row >= self._grid.height or crop.right > self._grid.width
        if beyond or self._is_pictured(row):
            strip = self.render_line(row).crop(crop.x, crop.right)
            pen.write_all((text, style) for text, style, _ in strip)
        else:
            pen.write_all(self._pieces(row, crop.x, crop.right))

    def write_spans_to(self, pen: Pen, row: int, col: int, spans: Sequence[Span]) -> None:
        """Write some spans of the last grid, whose upper left corner is at a cell of the screen."""
        styles = self.styles_of_inks
        if self._has_pictures or self._glyphs or self.size != self._grid.size:
            for y, start, stop in spans:
                pen.place(row + y, col + start, stop - start)
                self.write_to(pen, Region(start, y, stop - start, 1))
            return
        for (y, start, stop), parts in zip(spans, self._grid.runs_of(spans), strict=True):
            pen.place(row + y, col + start, stop - start)
            pen.write_all([(text, styles[ink]) for text, ink in parts])

    @property
    def styles_of_inks(self) -> list[Style]:
        """The style of each ink as the terminal can show it: without colours, if it has none."""
        if not self._styles:
            self._styles = self._read_styles()
        return self._styles

    def notify_style_update(self) -> None:
        """Read the colours anew: the theme changed."""
        super().notify_style_update()
        self._styles = []
        self._lines.clear()

    @property
    def _has_pictures(self) -> bool:
        """Whether any characters may stand for pictures."""
        return False

    def _is_pictured(self, row: int) -> bool:
        """Return whether there are characters in a row that stand for pictures."""
        del row
        return False

    def _have_sent(self, grid: Grid, spans: list[Span]) -> None:
        """Show a grid, and have the spans sent soon in which it differs from the last one.

        Textual would take three messages for each panel to do so.
        """
        self._grid = grid
        if not spans:
            return
        for row, _, _ in spans:
            self._lines.pop(row, None)
        self._unsent[:0] = spans  # what comes last answers a key, maybe, and goes first
        if len(self._unsent) > _SPANS_A_ROW * self._grid.height:  # nobody sees it, so far
            self._unsent = [(row, 0, self._grid.width) for row in range(self._grid.height)]
        with suppress(NoScreen):
            self.screen._dirty_widgets.add(self)  # noqa: SLF001 - what Textual does at the end
            self.screen.check_idle()

    def _exchange_repaint_regions(self) -> Collection[Region]:
        """Return what is to be sent, for screens that ask for regions alone."""
        spans = self.take_unsent()
        regions = (Region(start, row, stop - start, 1) for row, start, stop in spans)
        return {*super()._exchange_repaint_regions(), *regions}

    def _pieces(self, row: int, start: int, stop: int | None) -> list[tuple[str, Style]]:
        """Return a part of a row as the terminal can show it."""
        styles, glyphs = self.styles_of_inks, self._glyphs
        runs = self._grid.runs(row, start, stop)
        if glyphs:
            return [(text_with_glyphs(text, glyphs), styles[ink]) for text, ink in runs]
        return [(text, styles[ink]) for text, ink in runs]

    def _read_styles(self) -> list[Style]:
        base, app, filters = self.rich_style, self.app, self.get_line_filters()
        replaced = (each.glyphs for each in filters if isinstance(each, GlyphFilter))
        self._glyphs = next(replaced, None)
        if app.no_color:
            return list(map(Style.parse, no_colors()))
        if app.console.color_system == "standard" and not app.is_headless:
            return list(map(Style.parse, sixteen_colors(dark=app.current_theme.dark)))
        inks = [base + Style.parse(style) for style in ink_styles(app.current_theme)]
        segments = [Segment("x", style) for style in inks]
        for line_filter in filters:
            segments = line_filter.apply(segments, self.background_colors[1])
        return [segment.style or Style.null() for segment in segments]
