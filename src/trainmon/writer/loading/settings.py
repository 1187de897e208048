"""What a loader's own attributes tell: its settings, and how many batches a pass should have.

PyTorch's loaders are known by their attributes and by the names of their classes, so that torch is
imported by no one who does not use it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any

_INSIDE = ("iterable", "dataloader", "loader", "base_dataloader", "_loader")
"""Attributes in which wrappers (progress bars, prefetchers, devices' loaders) keep the loader."""

_DEPTH = 4
"""Wrappers around one another that are looked through."""

_PLAIN = ("num_workers", "prefetch_factor", "pin_memory", "persistent_workers", "drop_last")
"""Settings that stand in the configuration by the names they have in torch."""

_SHUFFLING = frozenset({"RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler"})
_IN_ORDER = "SequentialSampler"

_UNSAMPLED = "_InfiniteConstantSampler"
"""What torch puts in the place of a sampler where the dataset is iterable."""


@dataclass(frozen=True, slots=True)
class Loader:
    """What is known of a loader without reading a batch."""

    settings: Mapping[str, object]
    """By the names of the configuration; those that the loader does not have are left out."""
    batch_size: int | None
    expected: int | None
    """Batches of one pass in this process."""


def loader_of(given: object) -> Loader:
    """Return what a loader, or a wrapper around one, tells; an unknown one tells its length.

    With a map-style dataset a pass has as many batches as the loader's length, divided among ranks
    if its sampler does so; with an iterable one, the dataset's length over the batch size, rounded
    as `drop_last` says, where it has a length: that is then taken as what *this* process gets.

    >>> loader_of([1, 2, 3]).expected, loader_of(iter([1])).expected
    (3, None)
    """
    loader = _innermost(given)
    if loader is None:
        return Loader({}, None, _length(given))
    sampler = _sampler(loader)
    iterable = "IterableDataset" in _class_names(loader.dataset)
    batch_size = _batch_size(loader)
    settings: dict[str, object] = {name: getattr(loader, name, None) for name in _PLAIN}
    settings |= {
        "batch_size": batch_size,
        "shuffle": _shuffle(sampler),
        "sampler": type(sampler).__name__ if sampler is not None else None,
        "replacement": _replacement(sampler),
        "dataset": type(loader.dataset).__name__,
        "dataset_kind": "iterable" if iterable else "map",
        "train_samples": (samples := _samples(loader, batch_size)),
    }
    if not iterable:
        expected = _length(given)
    elif samples is None or batch_size is None:
        expected = None
    else:  # not the loader's length: torch warns of a wrong one from the time it was asked for
        rounded = int if settings["drop_last"] else ceil
        expected = rounded(samples / batch_size)
    known = {name: value for name, value in settings.items() if value is not None}
    return Loader(known, batch_size, expected)


def _innermost(given: object) -> Any:  # noqa: ANN401 - torch is not imported here
    """Return the loader that has a dataset and workers, if `given` is one or wraps one."""
    loader: Any = given
    for _ in range(_DEPTH):
        if hasattr(loader, "dataset") and hasattr(loader, "num_workers"):
            return loader
        inside = (getattr(loader, name, None) for name in _INSIDE)
        loader = next((found for found in inside if found is not None), None)
    return None


def _sampler(loader: Any) -> object:  # noqa: ANN401 - see above
    """Return what draws single samples; accelerators wrap the one that draws batches."""
    sampler = getattr(loader, "sampler", None)
    batches = getattr(loader, "batch_sampler", None)
    for _ in range(_DEPTH):
        if batches is None:
            break
        sampler = getattr(batches, "sampler", sampler)
        batches = getattr(batches, "batch_sampler", None)
    return None if type(sampler).__name__ == _UNSAMPLED else sampler


def _batch_size(loader: Any) -> int | None:  # noqa: ANN401 - see above
    size = getattr(loader, "batch_size", None)
    if size is None:
        size = getattr(getattr(loader, "batch_sampler", None), "batch_size", None)
    return size if isinstance(size, int) and size > 0 else None


def _shuffle(sampler: object) -> bool | None:
    told = getattr(sampler, "shuffle", None)
    if isinstance(told, bool):  # of torch's sampler for several ranks, and those like it
        return told
    names = _class_names(sampler)
    if names & _SHUFFLING:
        return True
    return False if _IN_ORDER in names else None


def _replacement(sampler: object) -> bool | None:
    """Return True if samples come again on purpose, else None."""
    return True if getattr(sampler, "replacement", None) is True else None


def _samples(loader: Any, batch_size: int | None) -> int | None:  # noqa: ANN401 - see above
    """Return how many samples the dataset has; unknown where its items are whole batches."""
    if batch_size is None and getattr(loader, "batch_sampler", None) is None:
        return None
    return _length(loader.dataset)


def _class_names(value: object) -> set[str]:
    return {base.__name__ for base in type(value).__mro__}


def _length(sized: Any) -> int | None:  # noqa: ANN401 - what has no length says so
    with suppress(Exception):  # a dataset may raise what it likes where it has none
        return len(sized)
    return None
