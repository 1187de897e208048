"""The demo trainings: one file each, named after the fault and found by walking this folder."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from trainmon.demo.recipe import Recipe
from trainmon.errors import UnknownNameError

DEFAULT: Final = "overfitting"
"""The fault everyone has met; its diagnosis needs no explanation."""


def names() -> list[str]:
    """Return the names of all recipes, sorted.

    >>> names()
    ['collapse', 'healthy', 'loader-spikes', 'loss-spike', 'nan', 'overfitting']
    """
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def load(name: str) -> Recipe:
    """Return the recipe of that name, or raise `UnknownNameError` with the names there are."""
    if name not in names():
        raise UnknownNameError("demo", name, names())
    recipe = import_module(f"{__name__}.{name.replace('-', '_')}").RECIPE
    assert isinstance(recipe, Recipe)
    return recipe


def recipes() -> list[tuple[str, str]]:
    """Return the name of each recipe with its summary."""
    return [(name, load(name).summary) for name in names()]
