"""The tensors that a batch consists of, whatever mappings and tuples hold them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainmon.writer.summaries.arrays import array

DEPTH_LIMIT = 4
"""Levels of mappings and tuples in a batch: real ones have two."""


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor of a batch."""

    name: str
    """Its place in the batch, such as ``0`` or ``views/left``; empty if it is all there is."""
    tensor: Any
    """A tensor or array of at least one axis, samples first."""


def parts(batch: object, name: str = "", depth: int = DEPTH_LIMIT) -> Iterator[Part]:
    """Yield the tensors of a batch: of a mapping by key, of a tuple or list by position.

    What holds no numbers beside them, such as file names, is passed over.

    >>> [part.name for part in parts({"views": ([[0.0]], [[1.0]]), "file": ["a.png"]})]
    ['views/0', 'views/1']
    """
    items = _items(batch)
    if items is None:
        yield from _leaf(batch, name)
    elif depth:
        for key, item in items:
            yield from parts(item, f"{name}/{key}" if name else str(key), depth - 1)


def _items(batch: object) -> Iterable[tuple[object, object]] | None:
    """Return what a batch holds by name or position, if it holds several things."""
    if isinstance(batch, Mapping):
        return batch.items()
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return zip(batch._fields, batch, strict=True)
    if isinstance(batch, list | tuple):
        rows = () if isinstance(batch, list) else (list, tuple)  # a list of lists is one array
        if any(isinstance(item, (Mapping, *rows)) or len(_shape(item)) for item in batch):
            return enumerate(batch)
    return None


def _shape(item: object) -> Sequence[int]:
    shape: Sequence[int] = getattr(item, "shape", ())
    return shape


def _leaf(tensor: Any, name: str) -> Iterator[Part]:  # noqa: ANN401 - of any library
    if not hasattr(tensor, "shape"):
        try:
            tensor = array(tensor, "inputs")
        except ValueError:
            if not name:
                raise
            return
    if len(tensor.shape):
        yield Part(name, tensor)
