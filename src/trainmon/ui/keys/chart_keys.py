"""The keys that say how charts are drawn: how smooth, what part of which axis, a cross-hair."""

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from trainmon.ui.curves.window import WHOLE
from trainmon.ui.desk import Desk
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Settings

_PANNED = 0.25
"""Of what is shown: how far a key moves it."""

_POINTED = 0.01
"""Of what is shown: how far a key moves the cross-hair, about a column of a chart."""


_CLOSER = 0.8
"""Of what is shown: what is left of it after one turn of the wheel."""


class ChartKeys(Screen[None]):
    """A screen whose charts follow the settings of a desk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "smooth(1)", "smooth", tooltip="smooth more; the raw band stays underneath"),
        Binding("S", "smooth(-1)", "smooth less", show=False, tooltip="smooth less, or not at all"),
        Binding("y", "log_y", "log y", tooltip="logarithmic y axis, or not"),
        Binding("x", "x_kind", "axis", tooltip="the next x axis: step, epoch, time"),
        Binding("o", "robust", "outliers", show=False, tooltip="show outliers too, or not"),
        Binding("plus,equals_sign", "zoom(0.5)", "zoom", show=False, tooltip="zoom in"),
        Binding("minus", "zoom(2.0)", "zoom out", show=False, tooltip="zoom out"),
        Binding("0", "whole", "whole", show=False, tooltip="the whole run again"),
        Binding("left_square_bracket", "pan(-1)", "pan", show=False, tooltip="move to the left"),
        Binding("right_square_bracket", "pan(1)", "pan", show=False, tooltip="move to the right"),
        Binding(
            "v",
            "cross_hair",
            "cross-hair",
            tooltip="tell all values as they were at a place",
        ),
        Binding("left,h", "point(-1)", "left", show=False, tooltip="the cross-hair to the left"),
        Binding("right,l", "point(1)", "right", show=False, tooltip="the cross-hair to the right"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    @abstractmethod
    def redraw(self) -> None:
        """Draw what is on the desk."""

    def action_smooth(self, by: int) -> None:
        """Smooth more or less."""
        self._set(self._desk.settings.smoothed(by))

    def action_log_y(self) -> None:
        """Switch the logarithmic y axis."""
        self._set(replace(self._desk.settings, log_y=not self._desk.settings.log_y))

    def action_robust(self) -> None:
        """Switch the robust y range."""
        self._set(replace(self._desk.settings, robust=not self._desk.settings.robust))

    def action_x_kind(self) -> None:
        """Go on to the next x axis."""
        self._set(self._desk.settings.with_next_x())

    def action_zoom(self, factor: float) -> None:
        """Show a part of the run that is so many times as wide, around the cross-hair."""
        settings = self._desk.settings
        window = settings.window.zoomed(factor, self._desk.pointed_at)
        self._set(replace(settings, window=window))

    def action_whole(self) -> None:
        """Show the whole run again."""
        self._set(replace(self._desk.settings, window=WHOLE))

    def action_pan(self, by: int) -> None:
        """Show what lies before, or behind."""
        settings = self._desk.settings
        self._set(replace(settings, window=settings.window.panned(by * _PANNED)))

    def action_cross_hair(self) -> None:
        """Show the cross-hair, or take it away."""
        shown = self._desk.settings.cross_hair is not None
        self._desk.point(None if shown else self._desk.settings.window.of(0.0, 1.0)[1])
        self.redraw()

    def action_point(self, by: int) -> None:
        """Move the cross-hair by a part of what is shown."""
        at, window = self._desk.pointed_at, self._desk.settings.window
        if at is not None:
            self._desk.point(at + by * _POINTED * (window.last - window.first))
            self.redraw()

    @on(Panel.Aimed)
    def _aim(self, event: Panel.Aimed) -> None:
        """Point at what was clicked."""
        self._desk.point(self._desk.share_of(event.x))
        self.redraw()

    @on(Panel.Zoomed)
    def _zoom(self, event: Panel.Zoomed) -> None:
        """Go closer to what is under the mouse, or farther from it."""
        settings = self._desk.settings
        factor = _CLOSER if event.closer else 1 / _CLOSER
        window = settings.window.zoomed(factor, self._desk.share_of(event.x))
        self._set(replace(settings, window=window))

    def _set(self, settings: Settings) -> None:
        self._desk.settings = settings
        self.redraw()
