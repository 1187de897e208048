"""Where a process stands among those of its node: one of them tells of the host for all."""

from collections.abc import Mapping
from typing import NamedTuple

_LOCAL = (
    ("LOCAL_RANK", "LOCAL_WORLD_SIZE"),  # torchrun, and most launchers after it
    ("SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"),
    ("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
)


class Place(NamedTuple):
    """A process among the `ranks_here` of its node, of which the first has the number 0."""

    local_rank: int = 0
    ranks_here: int = 1


def place_of(environ: Mapping[str, str], rank: int, world_size: int | None) -> Place:
    """Return the place of a rank as its launcher tells it; without one its rank counts.

    >>> place_of({"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}, rank=5, world_size=8)
    Place(local_rank=1, ranks_here=4)
    >>> place_of({}, rank=0, world_size=1)
    Place(local_rank=0, ranks_here=1)
    """
    for local, size in _LOCAL:
        try:
            number, count = int(environ[local]), int(environ.get(size, "0"))
        except (KeyError, ValueError):
            continue
        if number >= 0:
            return Place(number, max(count, number + 1))
    return Place(rank, max(world_size or 1, rank + 1))
