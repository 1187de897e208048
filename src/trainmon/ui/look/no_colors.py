"""The inks where no colours are wanted: weight, faintness and reversal say what colours would.

``NO_COLOR`` asks for none at all, https://no-color.org, and greys are colours.
"""

from collections.abc import Mapping
from typing import Final

from trainmon.ui.charts.ink import Ink

_ATTRIBUTES: Final[Mapping[Ink, str]] = {
    Ink.STRONG: "bold",
    Ink.DIM: "dim",
    Ink.FAINT: "dim",
    Ink.BORDER: "dim",
    Ink.TITLE: "bold",
    Ink.TRAIN_RAW: "dim",
    Ink.VAL: "bold",
    Ink.VAL_RAW: "dim",
    Ink.SIGNAL_RAW: "dim",
    Ink.LIMIT: "dim",
    Ink.ERROR: "bold",
    Ink.WARNING: "bold",
    Ink.KEY: "bold",
    Ink.SELECTED: "reverse",
    Ink.OTHER_2: "bold",
    Ink.OTHER_4: "dim",
}


def no_colors() -> list[str]:
    """Return the style of each ink in the order of `Ink`, in the terminal's own colours.

    >>> no_colors()[Ink.ERROR], no_colors()[Ink.TRAIN]
    ('bold', 'none')
    """
    return [_ATTRIBUTES.get(ink, "none") for ink in Ink]
