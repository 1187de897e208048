"""A panel: a box on the screen that a pure function draws and that sends only what changed."""

from abc import abstractmethod
from collections.abc import Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.dom import DOMNode, NoScreen
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from trainmon.ui.charts.grid import Grid, Span
from trainmon.ui.look.glyph_filter import GlyphFilter
from trainmon.ui.look.glyphs import Glyphs, text_with_glyphs
from trainmon.ui.look.no_colors import no_colors
from trainmon.ui.look.sixteen_colors import sixteen_colors
from trainmon.ui.look.themes import ink_styles
from trainmon.ui.pixels.colors import palette_of
from trainmon.ui.pixels.hung import Hung, all_in_place, hung, touched
from trainmon.ui.pixels.terminal import Way
from trainmon.ui.scene import Scene
from trainmon.ui.terminal.pen import Pen

_SPANS_A_ROW = 16
"""Spans for each row beyond which a panel that is not sent is to be sent as a whole."""


def panels_of(node: DOMNode) -> list["Panel"]:
    """Return all panels below a node, in the order of the screen."""
    panels: list[Panel] = []
    for child in node.children:  # a query would match selectors, for each frame
        panels += [child] if isinstance(child, Panel) else panels_of(child)
    return panels


class Panel(Widget, can_focus=True):
    """Draws a scene on a grid, keeps the last one, and repaints the spans that differ.

    Textual repaints a widget as a whole; a live chart of which some cells change would cost a
    hundred times the bytes. A scene that shows the same as the last one is not drawn at all.
    """

    title: ClassVar[str]
    """What the panel is called on the screen."""

    @dataclass
    class Aimed(Message):
        """A place on the x axis of a chart was clicked."""

        x: float

    @dataclass
    class Zoomed(Message):
        """The wheel was turned over a place on the x axis of a chart, to go closer or farther."""

        x: float
        closer: bool

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._grid = Grid(0, 0)
        self._scene: Scene | None = None
        self._drawn: tuple[Hashable, bool] | None = None
        """What the last grid was drawn from, inputs and sizes, and whether it has the keys."""
        self._styles: list[Style] = []
        self._glyphs: Glyphs | None = None
        """What braille is replaced by; None if it is not."""
        self._lines: dict[int, list[Segment]] = {}
        """The rows that were asked for as they are; a strip would keep all its parts as well."""
        self._pictures: tuple[Hung, ...] = ()
        self._unsent: list[Span] = []
        """The spans that were drawn and not sent yet."""

    @property
    def pictures(self) -> tuple[Hung, ...]:
        """The pictures of its charts, where these are shown as such."""
        return self._pictures

    @property
    def grid(self) -> Grid:
        """What was drawn last; not to be changed."""
        return self._grid

    @abstractmethod
    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the panel as it looks for a scene."""

    def inputs(self, scene: Scene) -> Hashable:
        """Return what the drawing depends on: equal inputs are not drawn again."""
        return scene.state

    def show(self, scene: Scene) -> None:
        """Draw a scene, now; it is sent soon, or at once if the screen is told to."""
        self._scene = scene
        if self.display:
            size = self.size
            if size.area:
                self._draw_at(scene, size)

    def take_unsent(self) -> list[Span]:
        """Return the spans that were drawn since the last call."""
        spans, self._unsent = self._unsent, []
        return spans

    def render_line(self, y: int) -> Strip:
        """Return one line of the last grid."""
        if y >= self._grid.height:
            return Strip.blank(self.size.width, self.styles_of_inks[0])
        if y not in self._lines:
            self._lines[y] = [Segment(text, style) for text, style in self._pieces(y, 0, None)]
        line = Strip(self._lines[y], self._grid.width)
        if self._is_pictured(y):
            from trainmon.ui.pixels.kitty import with_cells  # noqa: PLC0415 - an optional extra

            return with_cells(line, y, self._pictures, self.styles_of_inks[0])
        return line

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
        if self._pictures or self._glyphs or self.size != self._grid.size:
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
        if self._pictures:  # they have the colours of the theme before
            self._drawn = None
            self._redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        del event
        if self._scene:
            self._redraw()

    def on_focus(self, event: events.Focus) -> None:
        """Take the keys; Textual would repaint the whole panel, of which the border changes."""
        event.prevent_default()
        self.has_focus = True

    def on_blur(self, event: events.Blur) -> None:
        """Give them away."""
        event.prevent_default()
        self.has_focus = False

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - as Textual calls it
        """Show who has the keys; no style sheet says how, so that none is looked through."""
        del has_focus
        self._redraw()

    def _forward_event(self, event: events.Event) -> None:
        """Hand a key to the app, which knows what all keys do.

        Panels and what they stand in do not listen to keys, and to ask one after the other of them
        takes a sixth of the time until a key is answered.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            event._set_forwarded()  # noqa: SLF001 - as Textual does
            self.app.post_message(event)
        else:
            super()._forward_event(event)

    @on(events.Click)
    def _aim(self, event: events.Click) -> None:
        """Point at the place of a chart that was clicked."""
        x = self._x_under(event)
        if x is not None:
            self.post_message(self.Aimed(x))

    @on(events.MouseScrollUp)
    def _go_closer(self, event: events.MouseScrollUp) -> None:
        """Go closer to the place of a chart under the mouse."""
        self._zoom(event, closer=True)

    @on(events.MouseScrollDown)
    def _go_farther(self, event: events.MouseScrollDown) -> None:
        """Go farther from it."""
        self._zoom(event, closer=False)

    def _zoom(self, event: events.MouseEvent, *, closer: bool) -> None:
        x = self._x_under(event)
        if x is not None:
            self.post_message(self.Zoomed(x, closer))

    def _x_under(self, event: events.MouseEvent) -> float | None:
        """Return the place on the x axis of the chart under the mouse, if there is one."""
        grounds = (each for each in self._grid.grounds if each.holds(event.y, event.x))
        ground = next(grounds, None)
        return ground.x_at(event.x) if ground else None

    def _redraw(self) -> None:
        if self._scene is not None:
            self._draw_at(self._scene, self.size)

    def _draw_at(self, scene: Scene, size: Size) -> None:
        """Draw a scene at a size, and have the spans that differ sent."""
        pixels = scene.pixels
        cell = pixels.cell() if pixels else None
        drawn = self._drawn
        wanted = (self.inputs(scene), size, cell), self.has_focus
        if wanted == drawn:
            return
        self._drawn = wanted
        # Of a chart the focus changes the border alone, which costs a hundredth of drawing it.
        if drawn and drawn[0] == wanted[0] and self._grid.grounds:
            grid, pictures = self._grid.framed(focus=self.has_focus), self._pictures
        else:
            grid, pictures = self.draw(scene, size.height, size.width), ()
            if pixels:
                palette = palette_of(self.app.current_theme, self.background_colors[1].rgb)
                grid, pictures = hung(grid, pixels, palette, self._pictures)
        spans = grid.changed(self._grid) or touched(grid, pictures, self._pictures)
        if not all_in_place(pictures, self._pictures):
            spans = [(row, 0, grid.width) for row in range(grid.height)]
        self._grid, self._pictures = grid, pictures
        for row, _, _ in spans:
            self._lines.pop(row, None)
        if spans:
            self._have_sent(spans)

    def _have_sent(self, spans: list[Span]) -> None:
        """Have spans sent soon. Textual would take three messages for each panel to do so."""
        self._unsent += spans
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

    def _is_pictured(self, row: int) -> bool:
        """Return whether there are characters in a row that stand for pictures."""
        pixels = self._scene.pixels if self._scene else None
        if pixels is None or pixels.way is not Way.KITTY:
            return False
        return any(each.row <= row < each.row + each.height for each in self._pictures)

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
