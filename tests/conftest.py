"""What holds for every test: none is timed, spins for another, or looks for garbage in modules."""

import gc
import os

from hypothesis import settings

# Threads of numpy's and torch's libraries, which read it as they load. Two of them wait for each
# other by spinning: a small training takes ten times as long where other tests want the cores too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared machine may stop for longer than any example takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all tests and frameworks again and again."""
    gc.collect()
    gc.freeze()
