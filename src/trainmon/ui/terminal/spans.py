"""A repaint of the spans of cells that changed: each widget is asked for those alone.

Textual renders all widgets of a row of which a cell has changed, whole, and cuts them up. Of a
border that changes its colour, or a curve that goes on by a column, that is a hundred times the
work, and keys wait for it.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import pairwise
from math import inf
from typing import NamedTuple

from textual._compositor import Compositor, LayoutUpdate
from textual.geometry import Region
from textual.widget import Widget

from trainmon.ui.charts.grid import Span
from trainmon.ui.grid_widget import SPAN_CELLS, GridWidget
from trainmon.ui.terminal.spans_update import Drawn, Piece, SpansUpdate

_CELL_BYTES = 4
"""Bytes of a cell: three of a braille character, and changes of style."""

_NOWHERE = Region(0, 0, 0, 0)


class _Part(NamedTuple):
    """A part of a row of the screen, and the widget that is seen there."""

    start: int
    stop: int
    widget: Widget
    region: Region
    """Where the whole widget stands on the screen."""


class SpanCompositor(Compositor):
    """Knows which widget is seen in each cell. Owned by its screen."""

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: object = None
        """The layout of which the rows are known."""
        self._rows: dict[int, list[_Part]] = {}
        self._seen_whole: dict[GridWidget, bool] = {}
        """Which panels nothing lies over, as far as was asked."""
        self._drawn: list[Drawn] = []
        """What such panels have drawn and is to be sent."""
        self._owed = False
        """Whether the whole screen has not been sent yet, as there was nothing on it."""

    def take(self, widgets: AbstractSet[Widget], room: float = inf) -> set[GridWidget]:
        """Take in what widgets want to have sent; of panels that are seen whole, their spans.

        Returns those of which there is more than the room, in bytes, is for: the panels of which
        most has changed, as small changes come first.
        """
        whole, others = self._told_apart(widgets)
        if others:
            self.update_widgets(others)
        cells = room / _CELL_BYTES
        late: set[GridWidget] = set()
        for panel in sorted(whole, key=lambda each: each.unsent_cells) if room < inf else whole:
            spans = panel.take_unsent(cells)
            cells -= sum(stop - start + SPAN_CELLS for _, start, stop in spans)
            region, _ = self.visible_widgets[panel]
            if spans:
                self._drawn.append(Drawn(region.y, region.x, panel, spans))
            if room < inf and panel.unsent_cells:
                late.add(panel)
        return late

    def _told_apart(self, widgets: AbstractSet[Widget]) -> tuple[list[GridWidget], set[Widget]]:
        """Return the panels of which spans alone are to be sent, as nothing lies over them."""
        whole, others = [], set()
        for widget in widgets:
            # What Textual itself asked for, as it does when a theme changes, are regions.
            asked = widget._repaint_regions  # noqa: SLF001 - it has no public name
            if not asked and isinstance(widget, GridWidget) and self._is_seen_whole(widget):
                whole.append(widget)
            else:
                others.add(widget)
        return whole, others

    def render_partial_update(self) -> SpansUpdate | None:  # type: ignore[override]  # Textual only hands it on to be sent
        """Return what changed since the last time; None if nothing did."""
        dirty, drawn = self._dirty_regions.copy(), self._drawn
        if self._owed and (dirty or drawn):
            return self._whole()
        self._dirty_regions.clear()
        self._drawn = []
        spans = self._regions_to_spans(dirty)
        return SpansUpdate(list(self._pieces(spans)), drawn) if dirty or drawn else None

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:  # noqa: FBT001, FBT002 - as Textual has it
        """Return the whole screen; `simplify` is for pictures, which are none of our business."""
        if simplify:
            return super().render_full_update(simplify)
        return self._whole()  # type: ignore[return-value]  # as above

    def _whole(self) -> SpansUpdate | None:
        """Return the whole screen; None before any panel of a page has drawn itself.

        A page that is opened is laid out first: an empty screen would be sent, and take a second
        of a slow line.
        """
        self._dirty_regions.clear()
        self._drawn = []
        panels = [widget for widget in self.visible_widgets if isinstance(widget, GridWidget)]
        self._owed = bool(panels) and not any(panel.grid.height for panel in panels)
        if self._owed:
            return None
        for panel in panels:
            panel.take_unsent()
        rows = ((row, 0, self.size.width) for row in range(self.size.height))
        return SpansUpdate(list(self._pieces(rows)), whole=True)

    def _pieces(self, spans: Iterable[Span]) -> Iterator[Piece]:
        for row, start, stop in spans:
            for part in self._parts(row):
                first, last = max(part.start, start), min(part.stop, stop)
                if first < last:
                    x, y = first - part.region.x, row - part.region.y
                    yield Piece(row, first, part.widget, Region(x, y, last - first, 1))

    def _is_seen_whole(self, panel: GridWidget) -> bool:
        """Return whether all of a panel is on the screen, and nothing over it."""
        self._notice_layout()
        if panel not in self._seen_whole:
            region, clip = self.visible_widgets.get(panel, (_NOWHERE, _NOWHERE))
            parts = (part for row in range(region.y, region.bottom) for part in self._parts(row))
            inside = (each for each in parts if each.start < region.right and each.stop > region.x)
            whole = clip.contains_region(region) and all(each.widget is panel for each in inside)
            self._seen_whole[panel] = bool(region) and whole
        return self._seen_whole[panel]

    def _notice_layout(self) -> None:
        """Forget what is seen where once it is laid out anew."""
        if self._laid_out is not self.visible_widgets:
            self._laid_out = self.visible_widgets
            self._rows.clear()
            self._seen_whole.clear()

    def _parts(self, row: int) -> list[_Part]:
        """Return what is seen in a row, from left to right."""
        self._notice_layout()
        if row not in self._rows:
            self._rows[row] = list(self._parted(row)) if 0 <= row < self.size.height else []
        return self._rows[row]

    def _parted(self, row: int) -> Iterator[_Part]:
        cuts = self.cuts[row]
        for start, stop in pairwise(cuts):
            for widget, (region, clip) in self.visible_widgets.items():  # the foremost first
                if region.contains(start, row) and clip.contains(start, row):
                    yield _Part(start, stop, widget, region)
                    break
