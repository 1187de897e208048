"""All tasks and all recipes, found by walking their folders."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from tests.evaluation import faults, healthy
from tests.evaluation import tasks as tasks_folder
from tests.evaluation.recipe import Recipe
from tests.evaluation.training.task import Task


@cache
def tasks() -> dict[str, Task]:
    """Return the tasks by the names of their files."""
    return {name: module.TASK for name, module in _modules(tasks_folder)}


@cache
def recipes() -> dict[str, Recipe]:
    """Return the recipes by name: the faulty ones first, family by family."""
    return {recipe.name: recipe for _, module in _families() for recipe in module.RECIPES}


@cache
def family(recipe: str) -> ModuleType:
    """Return the module in which a recipe stands."""
    return next(m for _, m in _families() for r in m.RECIPES if r.name == recipe)


def _families() -> list[tuple[str, ModuleType]]:
    return _modules(faults) + _modules(healthy)


def _modules(folder: ModuleType) -> list[tuple[str, ModuleType]]:
    names = sorted(found.name for found in iter_modules(folder.__path__))
    return [(name, import_module(f"{folder.__name__}.{name}")) for name in names]
