"""A training with nothing wrong: enough data, right labels, a learning rate that suits them."""

from typing import Final

from trainmon.demo.recipe import Recipe

RECIPE: Final = Recipe("nothing wrong: both losses fall, and nothing should be found")
