"""A sheet of text over the screen, which scrolls and closes with `esc`."""

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from trainmon.text import clean_block
from trainmon.ui.flow import Line
from trainmon.ui.look.themes import ink_styles


class Sheet(ModalScreen[None]):
    """Shows the lines it is given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark", "dismiss", "close", tooltip="back to the screen"),
        Binding("down,j", "scroll(1)", "down", show=False, tooltip="scroll down"),
        Binding("up,k", "scroll(-1)", "up", show=False, tooltip="scroll up"),
    ]
    DEFAULT_CSS = """
    Sheet { align: center middle; }
    Sheet > VerticalScroll {
        width: 92%; max-width: 108; height: auto; max-height: 92%;
        border: round $primary; padding: 1 2; background: $surface;
        scrollbar-size-vertical: 1; scrollbar-background: $surface; scrollbar-color: $panel;
    }
    Sheet Static { width: 100%; height: auto; }
    """

    def __init__(self, lines: list[Line], keys: str = "") -> None:
        super().__init__()
        self._lines = lines
        self._keys = keys
        """What can be done here: it stands in the border, however far the text is scrolled."""

    def compose(self) -> ComposeResult:
        """Lay out one scrolling text; it is no markup, whatever it holds."""
        with VerticalScroll() as sheet:
            sheet.border_subtitle = self._keys
            yield from self.pictures()
            yield Static(self._text(), markup=False)

    def pictures(self) -> Iterable[Widget]:
        """Return what stands over the text and scrolls with it."""
        return ()

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def _text(self) -> Text:
        styles = ink_styles(self.app.current_theme)
        text = Text()
        for number, line in enumerate(self._lines):
            if number:
                text.append("\n")
            for piece, ink in line:
                text.append(clean_block(piece), style=styles[ink])
        return text
