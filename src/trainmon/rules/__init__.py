"""The rules, one per file. The module docstring of a rule is its page.

`names` imports none of them, `load` imports one.
"""

import inspect
from dataclasses import fields
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from trainmon.errors import UnknownNameError
from trainmon.rule import Rule


@cache
def names() -> tuple[str, ...]:
    """Return the ids of all rules, in the order of the alphabet.

    >>> "loss-spike" in names()
    True
    """
    return tuple(sorted(module.name.replace("_", "-") for module in iter_modules(__path__)))


def load(name: str) -> Rule[Any]:
    """Return the rule of this id with its default thresholds, or raise `UnknownNameError`."""
    if name not in names():
        raise UnknownNameError("rule", name, names())
    return _load(name)


def page(name: str) -> str:
    """Return the page of a rule: its docstring, and its thresholds with their reasons."""
    rule = load(name)
    text = inspect.getdoc(inspect.getmodule(rule)) or "Python was started without docstrings."
    thresholds = [
        f"{item.name} = {getattr(rule, item.name)}\n    {item.metadata['why']}"
        for item in fields(rule)  # type: ignore[arg-type]  # every rule is a dataclass, a test says so
    ]
    return "\n".join([text, "", "Thresholds", "----------", *thresholds])


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """Return every rule."""
    return tuple(_load(name) for name in names())


@cache
def _load(name: str) -> Rule[Any]:
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    found = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Rule) and member.__module__ == module.__name__
    ]
    return found[0]()
