"""An app whose themes are files: one after the other by a key, any of them by its name."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from textual.app import App, SystemCommand

from trainmon.errors import ThemeError
from trainmon.ui.look.themes import load_theme, theme_names


class Themed(App[None]):
    """Begins with a theme of some folders, the usual ones if none are given."""

    def __init__(self, theme: str, folders: Sequence[Path] | None) -> None:
        super().__init__()
        self._theme_folders = folders
        self._themes = theme_names(folders)
        self._use_theme(theme)

    def theme_commands(self) -> Iterable[SystemCommand]:
        """Yield the commands that use a theme."""
        for name in self._themes:
            help_text = f"use the {name} theme"
            yield SystemCommand(f"Theme: {name}", help_text, partial(self._use_theme, name))

    def action_next_theme(self) -> None:
        """Go on to the next theme that is whole."""
        at = self._themes.index(self.theme) + 1 if self.theme in self._themes else 0
        following = self._themes[at:] + self._themes[:at]
        next(name for name in following if self._use_theme(name))

    def _use_theme(self, name: str) -> bool:
        """Use a theme and return whether it is whole; else there is a notice, and no change."""
        try:
            theme = load_theme(name, self._theme_folders)
        except ThemeError as error:
            self.notify(str(error), severity="warning", markup=False)
            return False
        self.register_theme(theme)
        with suppress(KeyError):
            self.theme = theme.name
        return True
