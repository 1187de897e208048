"""The file formats, one per file. Content decides which one a file is, not its name."""

import inspect
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from trainmon.source import Head, Source
from trainmon.sources.native import NativeSource


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


def choose(head: Head) -> type[Source] | None:
    r"""Return the format of a file that begins like this, or None.

    >>> choose(Head(b'{"trainmon": 1, "run": "a"}\n'))
    <class 'trainmon.sources.native.NativeSource'>
    """
    # The strictest comes first here too, and spares a run of ours the loading of all others.
    if NativeSource.recognises(head):
        return NativeSource
    return next((source for source in all_sources() if source.recognises(head)), None)
