from dataclasses import fields

import pytest

from tests.evaluation import faults, healthy
from tests.evaluation import tasks as tasks_folder
from tests.evaluation.case import Fault
from tests.evaluation.catalogue import _modules, recipes, tasks
from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.settings import Settings
from tests.evaluation.vocabulary import CAUSES, RULES

FAULTY = [recipe for recipe in recipes().values() if isinstance(recipe, FaultRecipe)]
HEALTHY = [recipe for recipe in recipes().values() if not isinstance(recipe, FaultRecipe)]


def test_every_file_of_a_folder_of_recipes_is_found_and_holds_some() -> None:
    for folder in (faults, healthy):
        assert all(module.RECIPES for _, module in _modules(folder))
    assert len(tasks()) == len(_modules(tasks_folder))


def test_no_two_recipes_have_one_name() -> None:
    named = [r.name for f in (faults, healthy) for _, m in _modules(f) for r in m.RECIPES]
    assert len(named) == len(set(named)) == len(recipes())


@pytest.mark.parametrize("recipe", recipes().values(), ids=lambda recipe: recipe.name)
def test_a_recipe_is_trained_on_tasks_of_both_halves(recipe: FaultRecipe) -> None:
    assert {tasks()[name].half for name in recipe.tasks} == {"tuning", "reported"}


@pytest.mark.parametrize("recipe", FAULTY, ids=lambda recipe: recipe.name)
def test_a_fault_expects_rules_and_causes_that_the_specification_has(recipe: FaultRecipe) -> None:
    assert recipe.rules
    assert recipe.rules <= RULES
    assert recipe.causes
    assert set(recipe.causes) <= CAUSES


@pytest.mark.parametrize("recipe", recipes().values(), ids=lambda recipe: recipe.name)
def test_the_settings_of_a_recipe_are_settings(recipe: FaultRecipe) -> None:
    assert recipe.settings.keys() <= {field.name for field in fields(Settings)}


@pytest.mark.parametrize("recipe", recipes().values(), ids=lambda recipe: recipe.name)
def test_what_a_recipe_needs_has_its_reason(recipe: FaultRecipe) -> None:
    assert all(len(reason.split()) > 3 for reason in recipe.needs.values())


def test_there_are_as_many_as_the_specification_asks_for() -> None:
    assert len(tasks()) >= 6
    assert len(FAULTY) >= 30
    assert len(HEALTHY) >= 17


def test_a_fault_is_what_the_scoring_takes() -> None:
    assert {field.name for field in fields(Fault)} == {"rules", "causes", "onset_step"}
