"""How the overview stands on the terminal: what it has room for, and what its parts need."""

from textual.screen import Screen
from textual.widget import Widget

from trainmon.many_ranks import folded
from trainmon.ui.panel import Panel, panels_of
from trainmon.ui.panels.scrubber import Scrubber
from trainmon.ui.scene import Scene

_TERSE_HEIGHT, _TERSE_WIDTH = 30, 100
"""Rows and columns below which charts beside the loss become sparklines."""

_LISTS_SHARE = 4
"""The part of the screen's rows that findings and runs may take: a quarter."""


def fit(screen: Screen[None], scene: Scene) -> None:
    """Give verdict and lists the rows they need, and the rest to the charts."""
    findings = len(folded(scene.run.findings, scene.selected)) if scene.run else 0
    most = screen.size.height // _LISTS_SHARE
    rows = max(3, min(most, 2 + max(findings, len(scene.runs))))
    told = 2 if scene.run and scene.run.trouble else 1
    needed = {"lists": rows, "verdict": told}  # only the overview has lists
    for widget in screen.children:
        wanted = needed.get(widget.id or "")
        if wanted is not None:
            height = widget.styles.height
            if height is None or height.value != wanted:
                widget.styles.height = wanted


def show_scrubber(screen: Screen[None], scene: Scene) -> None:
    """Show where one stands in the run to those who travel in it."""
    for widget in screen.children:
        if isinstance(widget, Scrubber):
            _display(widget, scene.moment is not None)


def arrange(screen: Screen[None], height: int, width: int, maximised: Panel | None) -> None:
    """Hide what there is no room for, and all but the maximised panel."""
    terse = height < _TERSE_HEIGHT or width < _TERSE_WIDTH
    screen.set_class(terse, "terse")
    screen.set_class(maximised is not None, "maximised")
    for column in screen.query("#left, #right"):
        panels = panels_of(column)
        for panel in panels:
            shown = panel is maximised if maximised else not terse
            _display(panel, shown or (panel.id == "loss" and not maximised))
        _display(column, any(panel.display for panel in panels))
    kept = {maximised, *maximised.ancestors} if maximised else set()
    for widget in screen.query("#charts *"):  # pages without these columns hide what is aside
        widget.set_class(maximised is not None and widget not in kept, "aside")


def _display(widget: Widget, shown: bool) -> None:  # noqa: FBT001 - a setter
    """Show or hide a widget; what is so already is not laid out anew."""
    if widget.display != shown:
        widget.display = shown
