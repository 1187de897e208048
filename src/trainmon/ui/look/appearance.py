"""How the screen is to look: by options, else by the configuration file, else by the terminal."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass

from trainmon.errors import UnknownNameError, UsageError
from trainmon.text import clean
from trainmon.ui.look.glyphs import usual_glyphs
from trainmon.ui.look.themes import DEFAULT, load_theme

_AUTO = "auto"

_GLYPHS = (_AUTO, "braille", "blocks", "ascii", "pixels")

_FPS = 5.0
"""Frames a second: more is not read, only sent."""

_LEAST_FPS, _MOST_FPS = 0.1, 60.0

_LIGHT = frozenset({"7", "15"})
"""Backgrounds that ``COLORFGBG`` calls light: the two whites of sixteen colours."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A theme by its name, glyphs by theirs, and frames a second."""

    theme: str
    glyphs: str
    fps: float


def add_appearance_options(parser: ArgumentParser) -> None:
    """Add the options that say how the screen looks."""
    parser.add_argument(
        "--theme", help="a theme by its name (default: dark, or light where the terminal says so)"
    )
    parser.add_argument(
        "--glyphs",
        metavar="|".join(_GLYPHS),
        help="what lines are drawn with (default: auto, by terminal and locale)",
    )
    parser.add_argument("--fps", metavar="N", help=f"frames a second at most (default: {_FPS:g})")


def appearance(
    arguments: Namespace, told: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> Appearance:
    """Return what the options say, after them what the file has `told`.

    Raises `UsageError` or `UnknownNameError` where one makes no sense.
    """
    environment = os.environ if environment is None else environment
    theme = arguments.theme or told.get("theme") or _usual_theme(environment)
    load_theme(theme)
    glyphs = arguments.glyphs or told.get("glyphs") or _AUTO
    if glyphs not in _GLYPHS:
        raise UnknownNameError("glyphs", clean(glyphs), _GLYPHS)
    if glyphs == _AUTO:
        glyphs = usual_glyphs(environment).value
    return Appearance(theme, glyphs, _fps(arguments.fps or told.get("fps") or str(_FPS)))


def _fps(text: str) -> float:
    try:
        fps = float(text)
    except ValueError:
        fps = 0.0
    if not _LEAST_FPS <= fps <= _MOST_FPS:
        raise UsageError(f"'{clean(text)}' is no number of frames a second", hint="--fps 2")
    return fps


def _usual_theme(environment: Mapping[str, str]) -> str:
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in _LIGHT else DEFAULT
