"""What a batch is made of: its tensors, arrays and lists, and how many samples they hold."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Any

Path = tuple[Any, ...]
"""The keys that lead from a batch to one of its leaves."""

_LEAVES = 16
"""Leaves looked at in one batch: the samples are told by the first of them."""

_DEPTH = 4
"""Levels of nesting: a tuple of a mapping of a tuple has three."""


def is_array(leaf: object) -> bool:
    """Return whether `leaf` is a tensor or an array with one row per sample, of any library."""
    shape = getattr(leaf, "shape", None)
    return isinstance(shape, tuple) and len(shape) > 0 and hasattr(leaf, "dtype")


def is_value(item: object) -> bool:
    """Return whether `item` is text or a number, or a tuple of such: equal ones hash alike.

    Most other objects, tensors too, hash by their address, which the next batch may take over.
    """
    if isinstance(item, tuple):
        return all(map(is_value, item))
    return isinstance(item, str | bytes | int | float)


def is_list(leaf: object) -> bool:
    """Return whether `leaf` lists one value per sample: names, numbers, texts."""
    return isinstance(leaf, list | tuple) and len(leaf) > 0 and is_value(leaf[0])


def leaves(batch: object) -> list[tuple[Path, Any]]:
    """Return the arrays and lists of values in a batch, each with the keys that lead to it.

    >>> leaves({"text": ["a", "b"], "meta": {"id": (3, 4)}})
    [(('text',), ['a', 'b']), (('meta', 'id'), (3, 4))]
    """
    return list(islice(_walk(batch, ()), _LEAVES))


def at(batch: Any, path: Path) -> Any:  # noqa: ANN401 - a batch may be anything
    """Return the leaf to which `path` leads; raises what indexing raises where it leads nowhere."""
    for key in path:
        batch = batch[key]
    return batch


def rows_of(leaf: Any) -> int:  # noqa: ANN401 - see above
    """Return how many samples a leaf holds: the rows of an array, the items of a list."""
    shape = getattr(leaf, "shape", None)
    return int(shape[0]) if shape else len(leaf)


def width_of(leaf: Any) -> int:  # noqa: ANN401 - see above
    """Return how many numbers a leaf holds for each sample."""
    return prod(getattr(leaf, "shape", ())[1:])


def _walk(node: object, path: Path) -> Iterator[tuple[Path, Any]]:
    if is_array(node) or is_list(node):
        yield path, node
    elif len(path) == _DEPTH:
        return
    elif isinstance(node, Mapping):
        for key in node:
            yield from _walk(node[key], (*path, key))
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for index, inner in enumerate(islice(node, _LEAVES)):
            yield from _walk(inner, (*path, index))
