"""Runs a demo training into a folder: ``python -m trainmon.demo RECIPE FOLDER``."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from trainmon.demo.cookbook import load, names
from trainmon.demo.recipe import STEPS
from trainmon.errors import TrainmonError
from trainmon.writer import Writer

INTERRUPTED = 130
"""The exit status of a program that ctrl+c has ended, as shells count."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the arguments say; return the exit status."""
    parser = ArgumentParser(prog="python -m trainmon.demo", description="Train a demo model.")
    parser.add_argument("recipe", help=", ".join(names()))
    parser.add_argument("folder", help="the run folder to write")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--pace", type=float, help="steps per second; as fast as it can if left out"
    )
    wanted = parser.parse_args(arguments)
    # So small a network gains nothing from more threads, which would spin on the cores that the
    # screen is drawn on; numpy's library asks for their number as it loads.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from trainmon.demo.training import train  # noqa: PLC0415 - it loads numpy

    try:
        recipe = load(wanted.recipe)
        with Writer(wanted.folder, config=recipe.config(wanted.steps)) as log:
            train(recipe, log, seed=wanted.seed, steps=wanted.steps, pace=wanted.pace)
    except TrainmonError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
