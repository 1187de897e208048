"""The pages of the screen, one per file, each one key away: the first by `1`, the next by `2` ...

`PAGES` imports none of them; `load` imports one.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a page loads numpy, and the first paint waits for Textual alone
    from trainmon.ui.page import Page

PAGES = ("overview",)
"""In the order of their keys."""


def load(name: str) -> "type[Page]":
    """Return the page of this name."""
    module = import_module(f"{__name__}.{name}")
    page: type[Page] = getattr(module, name.capitalize())
    return page


def key_of(name: str) -> str:
    """Return the key that leads to a page.

    >>> key_of("overview")
    '1'
    """
    return str(PAGES.index(name) + 1)
