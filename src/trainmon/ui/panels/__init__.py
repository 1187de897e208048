"""The panels of the screen, one per file, with its style sheet beside it."""

from pathlib import Path


def style_sheets() -> list[Path]:
    """Return the style sheets of all panels, as absolute paths."""
    return sorted(Path(__file__).parent.glob("*.tcss"))
