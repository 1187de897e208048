"""What rules across ranks read: the metrics of all ranks side by side, and where the ranks run."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role, role_of
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows

RANKS = "ranks"
"""The metric of how many ranks told a step: it stands in each row."""

Names = Mapping[int, str]
"""The names of a metric by rank."""

_RANK = "/rank"


def side_by_side(context: Context) -> Mapping[str, Names]:
    """Return the metrics that are there of several ranks, by the name that they have in each."""
    return _side_by_side(tuple(chain.from_iterable(context.roles.by_role.values())))


@lru_cache(maxsize=16)
def _side_by_side(names: tuple[str, ...]) -> Mapping[str, Names]:
    found: dict[str, dict[int, str]] = {}
    for name in names:
        metric, _, rank = name.rpartition(_RANK)
        if metric and rank.isdecimal() and len(rank) <= _DIGITS:
            found.setdefault(metric, {})[int(rank)] = name
    return {m: dict(sorted(by.items())) for m, by in found.items() if len(by) > 1}


_DIGITS = 6
"""Of a rank's number at most."""


def of_role(context: Context, role: Role) -> Names:
    """Return the names of the metric of a role by rank; none if there is no such metric."""
    metrics = side_by_side(context)
    return next((by for metric, by in metrics.items() if role_of(metric).role == role), {})


def rows_between(block: Block, first: int, last: int) -> Rows:
    """Return the rows from one to another in which ranks told a step."""
    samples = block.lane.samples(RANKS)
    begin, end = samples.positions(first, last + 1)
    return samples.rows[begin:end]


def table(block: Block, names: Names, rows: Rows) -> Floats:
    """Return the values of a metric in some rows, ranks x rows; NaN where a rank tells none."""
    lane = block.lane
    return np.array([lane.samples(name).at(rows, np.nan) for name in names.values()])


def medians(values: Floats) -> Floats:
    """Return the median of what is told along the last axis; NaN where nothing is.

    >>> medians(np.array([[1.0, np.nan, 4.0], [np.nan, np.nan, np.nan]])).tolist()
    [2.5, nan]
    """
    ordered = np.sort(values, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1, keepdims=True)
    places = np.maximum(np.concatenate((count - 1, count), axis=-1) // 2, 0)
    return np.asarray(np.take_along_axis(ordered, places, axis=-1).mean(axis=-1))


def place_of(context: Context, rank: int) -> dict[str, Any]:
    """Return the host and the GPU of a rank, where they are told, and its number on the host.

    Launchers count the processes of a host in the order of their ranks, and give each the GPU of
    its number.
    """
    places = context.header.get(RANKS)
    if not isinstance(places, Mapping) or not isinstance(places.get(str(rank)), Mapping):
        return {}
    place = {k: v for k, v in places[str(rank)].items() if isinstance(v, (str, int, float))}
    host = place.get("host")
    if host is not None and "local_rank" not in place:
        together = [r for r, told in places.items() if _host(told) == host and r.isdecimal()]
        place["local_rank"] = sorted(together, key=int).index(str(rank))
    return place


def _host(told: object) -> object:
    return told.get("host") if isinstance(told, Mapping) else None


def in_words(rank: int, place: Mapping[str, Any]) -> str:
    """Return which rank it is and where it runs.

    >>> in_words(9, {"host": "node-2", "local_rank": 1})
    'rank 9 (node-2, process 1)'
    """
    where = [str(place["host"])] if "host" in place else []
    if "gpu" in place:
        where.append(f"GPU {place['gpu']}")
    elif "local_rank" in place:
        where.append(f"process {place['local_rank']}")
    return f"rank {rank} ({', '.join(where)})" if where else f"rank {rank}"
