"""Finds the tensors in whatever a loader yields, or a module takes and returns."""

import sys
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

_DEPTH_LIMIT = 4
"""Levels looked into: a batch of two dictionaries of lists has three."""

_TENSORS_LIMIT = 64
"""Tensors looked at: a batch or an output of more holds lists of objects, not features."""


def tensors_in(value: object) -> dict[str, Tensor]:
    """Return the tensors and arrays whose values `value` holds, by the way to them.

    >>> sorted(tensors_in({"image": torch.ones(2), "target": [torch.zeros(3), "name"]}))
    ['image', 'target/0']
    """
    found: dict[str, Tensor] = {}
    for way, tensor in _walk(value, "", 0):
        found[way] = tensor
        if len(found) == _TENSORS_LIMIT:
            break
    return found


def _walk(value: object, way: str, depth: int) -> Iterator[tuple[str, Tensor]]:
    numpy = sys.modules.get("numpy")  # who has an array has imported it
    if isinstance(value, Tensor):
        if value.layout == torch.strided and value.device.type != "meta":
            yield way, value.detach()
    elif numpy is not None and isinstance(value, numpy.ndarray):
        if value.dtype.kind in "bifu":
            yield way, torch.from_numpy(value.copy())
    elif depth < _DEPTH_LIMIT:
        for name, inner in _entries(value):
            yield from _walk(inner, f"{way}/{name}" if way else name, depth + 1)


def _entries(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(name), inner) for name, inner in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for place, inner in enumerate(value[:_TENSORS_LIMIT]):
            yield str(place), inner
    elif (fields := getattr(value, "__dataclass_fields__", None)) is not None:
        yield from ((name, getattr(value, name)) for name in fields)
    elif isinstance(data := getattr(value, "data", None), Mapping):  # Hugging Face's BatchEncoding
        yield from ((str(name), inner) for name, inner in data.items())
