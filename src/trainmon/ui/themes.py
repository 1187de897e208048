"""Themes as TOML files: the colours of Textual and of our inks."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainmon.errors import ThemeError, UnknownNameError
from trainmon.ui.charts.ink import Ink

if TYPE_CHECKING:  # the folder is asked for by tools that load no screen
    from textual.theme import Theme

DEFAULT = "dark"

_INK_PREFIX = "ink-"


def theme_folder() -> Path:
    """Return the folder of the themes: inside the installed package, else that of the checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "themes"
    return packaged if packaged.is_dir() else package.parent.parent / "themes"


def theme_names() -> tuple[str, ...]:
    """Return the names of all themes, the default one first."""
    names = sorted(path.stem for path in theme_folder().glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != DEFAULT))


def load_theme(name: str) -> "Theme":
    """Return a theme; raise `UnknownNameError` or `ThemeError` if there is none or it is broken."""
    path = theme_folder() / f"{name}.toml"
    if name not in theme_names():
        raise UnknownNameError("theme", name, theme_names())
    try:
        with path.open("rb") as file:
            return parse_theme(name, tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"theme '{name}' cannot be read: {error}") from error


def parse_theme(name: str, table: dict[str, Any]) -> "Theme":
    """Return the theme that a TOML table describes; every ink needs a style."""
    from textual.theme import Theme  # noqa: PLC0415 - see above

    inks = table.pop("inks", {})
    missing = [ink.name.lower() for ink in Ink if ink.name.lower() not in inks]
    if missing:
        raise ThemeError(f"theme '{name}' lacks inks: {', '.join(missing)}")
    variables = {_variable(ink): str(inks[ink.name.lower()]) for ink in Ink}
    try:
        return Theme(name=name, **table, variables=variables)
    except TypeError as error:
        raise ThemeError(f"theme '{name}': {error}") from error


def ink_styles(theme: "Theme") -> list[str]:
    """Return the style of each ink, in the order of `Ink`."""
    return [theme.variables[_variable(ink)] for ink in Ink]


def _variable(ink: Ink) -> str:
    return _INK_PREFIX + ink.name.lower().replace("_", "-")
