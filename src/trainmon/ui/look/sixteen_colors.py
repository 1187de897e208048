"""The inks where a terminal has sixteen colours: there the shades of a theme fall together.

The nearest of sixteen to most colours of a theme is a grey: curves would look alike, and borders
not be seen at all. So inks have colours of the terminal's own, by what they mean.
"""

from collections.abc import Mapping
from typing import Final

from trainmon.ui.charts.ink import Ink

_ON_DARK: Final[Mapping[Ink, str]] = {
    Ink.TEXT: "white",
    Ink.STRONG: "bold bright_white",
    Ink.DIM: "white",
    Ink.FAINT: "bright_black",
    Ink.BORDER: "bright_black",
    Ink.FOCUS: "bright_blue",
    Ink.TITLE: "white",
    Ink.TRAIN: "bright_blue",
    Ink.TRAIN_RAW: "blue",
    Ink.VAL: "bright_magenta",
    Ink.VAL_RAW: "magenta",
    Ink.SIGNAL: "bright_cyan",
    Ink.SIGNAL_RAW: "cyan",
    Ink.LIMIT: "white",
    Ink.ERROR: "bold bright_red",
    Ink.WARNING: "bold bright_yellow",
    Ink.INFO: "bright_white",
    Ink.GOOD: "bright_green",
    Ink.KEY: "bold white",
    Ink.SELECTED: "bright_white on blue",
    Ink.OTHER_1: "green",
    Ink.OTHER_2: "yellow",
    Ink.OTHER_3: "bright_white",
    Ink.OTHER_4: "cyan",
}

_ON_LIGHT: Final[Mapping[Ink, str]] = {
    Ink.TEXT: "black",
    Ink.STRONG: "bold black",
    Ink.DIM: "bright_black",
    Ink.FAINT: "white",
    Ink.BORDER: "white",
    Ink.FOCUS: "blue",
    Ink.TITLE: "bright_black",
    Ink.TRAIN: "blue",
    Ink.TRAIN_RAW: "bright_blue",
    Ink.VAL: "magenta",
    Ink.VAL_RAW: "bright_magenta",
    Ink.SIGNAL: "cyan",
    Ink.SIGNAL_RAW: "bright_cyan",
    Ink.LIMIT: "bright_black",
    Ink.ERROR: "bold red",
    Ink.WARNING: "bold yellow",
    Ink.INFO: "black",
    Ink.GOOD: "green",
    Ink.KEY: "bold bright_black",
    Ink.SELECTED: "bright_white on blue",
    Ink.OTHER_1: "green",
    Ink.OTHER_2: "yellow",
    Ink.OTHER_3: "black",
    Ink.OTHER_4: "bright_cyan",
}


def sixteen_colors(*, dark: bool) -> list[str]:
    """Return the style of each ink, ground included, in the order of `Ink`."""
    table, ground = (_ON_DARK, "black") if dark else (_ON_LIGHT, "bright_white")
    return [table[ink] if " on " in table[ink] else f"{table[ink]} on {ground}" for ink in Ink]
