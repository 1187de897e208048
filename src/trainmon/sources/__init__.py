"""The file formats, one per file. Content decides which one a file is, not its name."""

import inspect
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from trainmon.source import Source


@cache
def all_sources() -> tuple[type[Source], ...]:
    """Return every format, strictest first."""
    found = []
    for info in iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        found += [
            member
            for _, member in inspect.getmembers(module, inspect.isclass)
            if issubclass(member, Source) and member.__module__ == module.__name__
        ]
    return tuple(sorted(found, key=lambda source: source.order))


def choose(head: bytes) -> type[Source] | None:
    """Return the format of a file that begins with these whole lines, or None.

    >>> choose(b'{"trainmon": 1, "run": "a"}')
    <class 'trainmon.sources.native.NativeSource'>
    """
    return next((source for source in all_sources() if source.recognises(head)), None)
