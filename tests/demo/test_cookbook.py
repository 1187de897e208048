import pytest

from trainmon.demo import DEFAULT, load, names, recipes
from trainmon.demo.recipe import Recipe
from trainmon.errors import UnknownNameError


def test_the_default_demo_is_in_the_cookbook() -> None:
    assert DEFAULT in names()


def test_an_unknown_demo_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownNameError, match="no demo 'nam'; there are: collapse, healthy"):
        load("nam")


def test_every_recipe_has_a_summary_that_fits_on_a_line_beside_its_name() -> None:
    for name, summary in recipes():
        assert 0 < len(f"{name:14}{summary}") <= 100


@pytest.mark.parametrize("name", [name for name in names() if name != "healthy"])
def test_every_faulty_recipe_differs_from_the_healthy_one_in_more_than_words(name: str) -> None:
    faulty, healthy = load(name).config(1_000), load("healthy").config(1_000)
    hidden_faults = (load(name).surge, load(name).corruption, load(name).stall)
    assert faulty != healthy or any(hidden_faults)


def test_the_configuration_tells_the_rules_what_they_read() -> None:
    config = Recipe("an example", batch_size=64, clip=None).config(steps=1_010)
    assert config["train_samples"] == 1_600
    assert config["epochs"] == 41
    assert config["total_steps"] == 1_010
    assert config["clip"] is None
    assert (config["monitor"], config["mode"]) == ("val/loss", "min")
