"""Themes as TOML files: the colours of Textual and of our inks."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainmon.config_file import config_path
from trainmon.errors import ThemeError, UnknownNameError
from trainmon.ui.charts.ink import Ink

if TYPE_CHECKING:  # the folder is asked for by tools that load no screen
    from textual.theme import Theme

DEFAULT = "dark"

_INK_PREFIX = "ink-"


def theme_folder() -> Path:
    """Return the folder of our themes: inside the installed package, else that of the checkout."""
    package = Path(__file__).parents[2]
    packaged = package / "themes"
    return packaged if packaged.is_dir() else package.parent.parent / "themes"


def theme_folders() -> tuple[Path, ...]:
    """Return where themes are looked for: in the person's own folder first."""
    return config_path().with_name("themes"), theme_folder()


def theme_names(folders: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Return the names of all themes of some folders, the usual ones if none; the default first."""
    folders = theme_folders() if folders is None else folders
    names = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    return tuple(sorted(names, key=lambda name: name != DEFAULT))


def load_theme(name: str, folders: Sequence[Path] | None = None) -> "Theme":
    """Return a theme; raise `UnknownNameError` or `ThemeError` if there is none or it is broken.

    Of two of one name that of the earlier folder counts.
    """
    folders = theme_folders() if folders is None else folders
    files = (folder / f"{name}.toml" for folder in folders)
    file = next((file for file in files if name and file.is_file()), None)
    if file is None:
        raise UnknownNameError("theme", name, theme_names(folders))
    try:
        return parse_theme(name, tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"theme '{name}' cannot be read: {error}") from error


def parse_theme(name: str, table: Mapping[str, Any]) -> "Theme":
    """Return the theme that a TOML table describes.

    Raises `ThemeError` unless every ink has a style, and all styles and colours can be shown.
    """
    from rich.errors import StyleSyntaxError  # noqa: PLC0415 - see above
    from rich.style import Style  # noqa: PLC0415
    from textual.color import ColorParseError  # noqa: PLC0415
    from textual.theme import Theme  # noqa: PLC0415

    inks = table.get("inks", {})
    missing = [ink.name.lower() for ink in Ink if ink.name.lower() not in inks]
    if missing:
        raise ThemeError(f"theme '{name}' lacks inks: {', '.join(missing)}")
    variables = {_variable(ink): str(inks[ink.name.lower()]) for ink in Ink}
    colors = {key: value for key, value in table.items() if key != "inks"}
    try:
        for style in variables.values():
            Style.parse(style)
        theme = Theme(name=name, **colors, variables=variables)
        theme.to_color_system().generate()
    except (TypeError, AttributeError, StyleSyntaxError, ColorParseError) as error:
        raise ThemeError(f"theme '{name}': {error}") from error
    return theme


def ink_styles(theme: "Theme") -> list[str]:
    """Return the style of each ink, in the order of `Ink`."""
    return [theme.variables[_variable(ink)] for ink in Ink]


def _variable(ink: Ink) -> str:
    return _INK_PREFIX + ink.name.lower().replace("_", "-")
