"""The keys, told from the bindings themselves."""

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import panels_of
from trainmon.ui.screens.sheet import Line, Sheet

_KEYS = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "enter": "↵",
    "up": "↑",
    "down": "↓",
}

_KEY_WIDTH = 12
"""Cells of the column of keys."""


class Help(Sheet):
    """Every key of the screen and of its panels."""

    def __init__(self, screen: Screen[None]) -> None:
        super().__init__(help_lines(screen))


def help_lines(screen: Screen[None]) -> list[Line]:
    """Return one line per key, the everywhere ones first."""
    lines: list[Line] = [[("keys", Ink.TITLE)], []]
    lines += [_line(keys, what) for keys, what in keys_of(screen.app, screen)]
    for panel in panels_of(screen):
        told = keys_of(panel)
        if told:
            lines += [[], [(f"on {panel.title}", Ink.TITLE)], []]
            lines += [_line(keys, what) for keys, what in told]
    return lines


def keys_of(*nodes: DOMNode) -> list[tuple[str, str]]:
    """Return keys and what they do, for all bindings that say it."""
    told: list[tuple[str, str]] = []
    for node in nodes:
        for binding in type(node).__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and (binding.tooltip or binding.description):
                keys = " ".join(_KEYS.get(key, key) for key in binding.key.split(","))
                told.append((keys, binding.tooltip or binding.description))
    return told


def _line(keys: str, what: str) -> Line:
    return [(f"{keys:{_KEY_WIDTH}}", Ink.KEY), (what, Ink.TEXT)]
