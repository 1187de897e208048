"""One module per training framework: one import and one line in the user's code.

Each imports its framework when it is imported itself, and this package imports none of them.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from trainmon.errors import UnknownNameError

_SHARED = frozenset({"framework", "ending", "step_clock"})
"""Modules of this package that are no integration: what several of them need."""


def names() -> list[str]:
    """Return the integrations there are; none of them, nor any framework, is imported.

    >>> "summary_writer" in names()
    True
    """
    return sorted(module.name for module in iter_modules(__path__) if module.name not in _SHARED)


def load(name: str) -> ModuleType:
    """Import one integration, and with it its framework.

    Raises `UnknownNameError` if there is none of that name, `MissingFrameworkError` if its
    framework cannot be imported.

    >>> load("summary_writer").SummaryWriter.__name__
    'SummaryWriter'
    """
    if name not in names():
        raise UnknownNameError("integration", name, names())
    return import_module(f"{__name__}.{name}")
