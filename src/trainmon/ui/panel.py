"""A panel: a box on the screen that a pure function draws and that sends only what changed."""

from abc import abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.dom import DOMNode
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from trainmon.ui.charts.grid import Grid
from trainmon.ui.grid_widget import GridWidget
from trainmon.ui.pixels.colors import palette_of
from trainmon.ui.pixels.hung import Hung, all_in_place, hung, touched
from trainmon.ui.pixels.terminal import Way
from trainmon.ui.scene import Scene


def panels_of(node: DOMNode) -> list["Panel"]:
    """Return all panels below a node, in the order of the screen."""
    panels: list[Panel] = []
    for child in node.children:  # a query would match selectors, for each frame
        panels += [child] if isinstance(child, Panel) else panels_of(child)
    return panels


class Panel(GridWidget, can_focus=True):
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
        self._scene: Scene | None = None
        self._drawn: tuple[Hashable, bool] | None = None
        """What the last grid was drawn from, inputs and sizes, and whether it has the keys."""
        self._pictures: tuple[Hung, ...] = ()

    @property
    def pictures(self) -> tuple[Hung, ...]:
        """The pictures of its charts, where these are shown as such."""
        return self._pictures

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

    def render_line(self, y: int) -> Strip:
        """Return one line of the last grid, with the characters that stand for pictures."""
        line = super().render_line(y)
        if self._is_pictured(y):
            from trainmon.ui.pixels.kitty import with_cells  # noqa: PLC0415 - an optional extra

            return with_cells(line, y, self._pictures, self.styles_of_inks[0])
        return line

    def notify_style_update(self) -> None:
        """Read the colours anew: the theme changed."""
        super().notify_style_update()
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
        takes a sixth of the time until a key is answered. Screens listen to one of them.
        """
        key = event.key if isinstance(event, events.Key) and not event.is_forwarded else None
        if key and key != "escape":
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
        self._pictures = pictures
        self._have_sent(grid, spans)

    @property
    def _has_pictures(self) -> bool:
        """Whether there are pictures of its charts."""
        return bool(self._pictures)

    def _is_pictured(self, row: int) -> bool:
        """Return whether there are characters in a row that stand for pictures."""
        pixels = self._scene.pixels if self._scene else None
        if pixels is None or pixels.way is not Way.KITTY:
            return False
        return any(each.row <= row < each.row + each.height for each in self._pictures)
