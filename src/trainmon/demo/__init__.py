"""Small trainings in numpy, one healthy and the others each with a real fault."""

from trainmon.demo.cookbook import DEFAULT, load, names, recipes
from trainmon.demo.recipe import PACE, STEPS, Recipe

__all__ = ["DEFAULT", "PACE", "STEPS", "Recipe", "load", "names", "recipes"]
