"""The keys, told from the bindings themselves."""

from textual.screen import Screen

from trainmon.ui.charts.ink import Ink
from trainmon.ui.flow import Line
from trainmon.ui.keys.bindings import explained_keys
from trainmon.ui.panel import panels_of
from trainmon.ui.screens.sheet import Sheet

_KEY_WIDTH = 12
"""Cells of the column of keys."""


class Help(Sheet):
    """Every key of the screen and of its panels."""

    def __init__(self, screen: Screen[None]) -> None:
        super().__init__(help_lines(screen))


def help_lines(screen: Screen[None]) -> list[Line]:
    """Return one line per key, the everywhere ones first."""
    lines: list[Line] = [[("keys", Ink.TITLE)], []]
    lines += [_line(keys, what) for keys, what in explained_keys(type(screen.app), type(screen))]
    for panel in panels_of(screen):
        told = explained_keys(type(panel))
        if told:
            lines += [[], [(f"on {panel.title}", Ink.TITLE)], []]
            lines += [_line(keys, what) for keys, what in told]
    return lines


def _line(keys: str, what: str) -> Line:
    return [(f"{keys:{_KEY_WIDTH}}", Ink.KEY), (what, Ink.TEXT)]
