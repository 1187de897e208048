"""Which process of the training this is, as its launcher tells through the environment."""

import os
from collections.abc import Mapping
from operator import index
from typing import NamedTuple, SupportsIndex

from trainmon.errors import WriterError

_RANK_AND_WORLD_SIZE = (
    ("RANK", "WORLD_SIZE"),  # torchrun, and most launchers after it
    ("SLURM_PROCID", "SLURM_NTASKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
)
_LAUNCH_IDS = ("TORCHELASTIC_RUN_ID", "SLURM_JOB_ID")

_NO_LAUNCH = frozenset({"", "none"})
"""What torchrun sets as the id when nobody gave one: equal for launches that have nothing in
common. On one node its own process stands in for it, which outlives those that it restarts."""


class Process(NamedTuple):
    """One process of a training: its rank, how many there are, and the launch that made them.

    `world_size` is None if only the rank was told. `launch` stays the same when the launcher
    starts the processes again after a failure; it is None where no launcher names it.
    """

    rank: int = 0
    world_size: int | None = 1
    launch: str | None = None


def this_process(
    environ: Mapping[str, str],
    rank: SupportsIndex | None = None,
    world_size: SupportsIndex | None = None,
) -> Process:
    """Return who this process is; what is given explicitly wins over the environment.

    Raises `WriterError` if `rank` and `world_size` do not go together.

    >>> this_process({"RANK": "1", "WORLD_SIZE": "4", "TORCHELASTIC_RUN_ID": "none"})
    Process(rank=1, world_size=4, launch=None)
    >>> this_process({"SLURM_JOB_ID": "77"}, rank=2)
    Process(rank=2, world_size=None, launch='77')
    """
    # Without a launcher a process is alone, unless it says that it has a rank.
    told_rank, told_size = _told(environ) or (0, 1 if rank is None else None)
    own_rank = told_rank if rank is None else _whole("rank", rank)
    size = told_size if world_size is None else _whole("world_size", world_size)
    if own_rank < 0 or (size is not None and own_rank >= size):
        raise WriterError(
            f"rank {own_rank} is not one of {size} processes",
            hint="ranks count from 0 to world_size - 1",
        )
    launches = (environ.get(name, "") for name in _LAUNCH_IDS)
    launch = next((launch for launch in launches if launch not in _NO_LAUNCH), None)
    return Process(own_rank, size, launch or _parent_launch(environ))


def _parent_launch(environ: Mapping[str, str]) -> str | None:
    """Return what tells a torchrun that runs on this node alone from all others."""
    size = environ.get("LOCAL_WORLD_SIZE")
    if "TORCHELASTIC_RUN_ID" not in environ or size is None or size != environ.get("WORLD_SIZE"):
        return None
    from trainmon.writer.alive import start_time  # noqa: PLC0415 - for such launches alone

    parent = os.getppid()
    return f"torchrun-{os.uname().nodename}-{parent}-{start_time(parent) or 0:.0f}"


def _told(environ: Mapping[str, str]) -> tuple[int, int] | None:
    """Return rank and world size of the first launcher that tells both and makes sense."""
    for rank_name, size_name in _RANK_AND_WORLD_SIZE:
        try:
            rank, size = int(environ[rank_name]), int(environ[size_name])
        except (KeyError, ValueError):
            continue
        if 0 <= rank < size:
            return rank, size
    return None


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return index(value)
    except TypeError:
        raise WriterError(f"{name} is {value!r}", hint="give a whole number") from None
