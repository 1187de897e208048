"""Runs that end as there is no memory on the host, in the words of its allocators."""

from tests.evaluation.faults.crashes import crashed, ends
from tests.evaluation.recipe import FaultRecipe

RECIPES = (
    FaultRecipe(
        name="host-allocator-refuses",
        says="a table that is built beside the training does not fit into the host's memory",
        tasks=("digits", "yields", "tumours", "payments"),
        twists=(
            ends(
                0.62,
                "numpy._core._exceptions._ArrayMemoryError",
                "Unable to allocate 74.5 GiB for an array with shape (100000, 100000) and data "
                "type float64",
            ),
        ),
        rules=frozenset({"crashed"}),
        causes=("out-of-memory",),
        check=crashed,
    ),
    FaultRecipe(
        name="label-refused",
        says="a file that comes late in the data holds a label beyond the classes",
        tasks=("digits", "characters", "tumours", "glyphs"),
        twists=(ends(0.58, "IndexError", "Target 41 is out of bounds."),),
        rules=frozenset({"crashed"}),
        causes=("label-index",),
        check=crashed,
    ),
)
