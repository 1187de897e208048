"""The pages of the screen, one per file, each one key away.

`PAGES` imports none of them; `load` imports one.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a page loads numpy, and the first paint waits for Textual alone
    from trainmon.ui.page import Page

PAGES: Mapping[str, str] = {
    "overview": "1",
    "metrics": "2",
    "layers": "3",
    "data": "4",
    "system": "5",
    "ranks": "6",
    "findings": "7",
    "compare": "8",
    "log": "9",
}
"""The pages by name, each with its key; the first one is shown at first."""

FIRST = "overview"


def load(name: str) -> "type[Page]":
    """Return the page of this name."""
    module = import_module(f"{__name__}.{name}")
    page: type[Page] = getattr(module, name.capitalize())
    return page
