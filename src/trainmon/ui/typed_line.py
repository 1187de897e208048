"""A line to type in, which a page shows while something is typed."""

from textual.widgets import Input


class TypedLine(Input):
    """Hidden until it is opened. What is typed is told by the messages of an `Input`."""

    DEFAULT_CSS = """
    TypedLine, TypedLine:focus {
        border: none; height: 1; padding: 0 1; background: $panel;
    }
    """

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(placeholder=placeholder, id=id)
        self.cursor_blink = False
        self.display = False

    def open(self, text: str) -> None:
        """Show the line with what holds now, and give it the keys."""
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def close(self) -> None:
        """Hide the line; what was typed stays."""
        self.display = False
