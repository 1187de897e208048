"""Euclidean norms of many tensors at once, left on the device that computed them."""

from collections.abc import Sequence

import torch
from torch import Tensor

_HALVES = (torch.float16, torch.bfloat16)

_CHUNK = 1 << 18
"""Values turned to 32 bits at once, a megabyte: they stay in the CPU's cache, which is 50 times as
fast as all at once."""

_NORM_TAKES_DTYPE = "dtype" in str(torch.ops.aten._foreach_norm.Scalar._schema)  # noqa: SLF001 - told nowhere else
"""Whether torch sums the squares of 16-bit values in 32 bits if asked: version 2.2 does not."""


def norms(tensors: Sequence[Tensor]) -> Tensor:
    """Return the norm of each tensor: 1-D, float32, on the device of the first.

    A shard of a distributed tensor counts alone: nothing is sent between processes. The squares
    are summed in 32 bits, as `torch.nn.utils.clip_grad_norm_` does: beyond 1e19 they overflow.
    """
    local = [_dense(shard(tensor)) for tensor in tensors]
    kinds = _kinds(local)
    if len(kinds) == 1:
        return norms_of_one_kind(local)
    found: dict[int, Tensor] = {}
    for places in kinds:
        of_one_kind = [local[place] for place in places]
        found |= zip(places, norms_of_one_kind(of_one_kind), strict=True)
    return joined([found[place] for place in range(len(local))])


def norms_of_one_kind(tensors: list[Tensor]) -> Tensor:
    """Return the same of tensors that `are_of_one_kind`, without looking at them one by one.

    Of small tensors, each costs 1 us on a CPU; on a GPU a few kernels do them all. Raises
    `RuntimeError` if one is sparse.
    """
    each: Sequence[Tensor]
    if tensors[0].dtype not in _HALVES:
        each = torch._foreach_norm(tensors, 2)  # noqa: SLF001 - as torch's clipping
    elif tensors[0].device.type == "cpu":
        each = [_norm_of_halves(tensor) for tensor in tensors]
    elif _NORM_TAKES_DTYPE:
        each = torch._foreach_norm(tensors, 2, dtype=torch.float32)  # noqa: SLF001 - as above
    else:
        each = torch._foreach_norm(tensors, 2)  # noqa: SLF001 - as above
    return torch.stack(each).to(torch.float32)


def _norm_of_halves(tensor: Tensor) -> Tensor:
    """Return the norm of 16-bit values on a CPU, where torch would make a 32-bit copy of all."""
    chunks = torch.split(tensor.reshape(-1), _CHUNK)
    each = [torch.linalg.vector_norm(chunk, dtype=torch.float32) for chunk in chunks]
    whole: Tensor = each[0] if len(each) == 1 else torch.linalg.vector_norm(torch.stack(each))
    return whole


def are_of_one_kind(tensors: Sequence[Tensor]) -> bool:
    """Return whether these are ordinary tensors of one device and type."""
    ordinary = all(type(tensor) is Tensor and not tensor.is_sparse for tensor in tensors)
    return ordinary and len(_kinds(tensors)) == 1


def joined(numbers: Sequence[Tensor]) -> Tensor:
    """Return tensors of one element as a 1-D one: float32, on the device of the first."""
    if not numbers:
        return torch.zeros(0)
    device = numbers[0].device
    return torch.stack([number.to(device, torch.float32) for number in numbers])


def number(value: Tensor) -> float | Tensor:
    """Return a 0-d tensor as a number where that is no wait, and else as it is."""
    return value.item() if value.device.type == "cpu" else value


def combined(parts: Tensor, sizes: Sequence[int]) -> Tensor:
    """Return the norms of wholes, of which each has the next `sizes` of the norms in `parts`.

    >>> combined(torch.tensor([3.0, 4.0, 2.0]), [2, 1])
    tensor([5., 2.])
    """
    if len(sizes) == len(parts):
        return parts
    wholes = torch.split(parts, list(sizes))
    return torch.stack(torch._foreach_norm(wholes))  # noqa: SLF001 - as torch's clipping


def shard(tensor: Tensor) -> Tensor:
    """Return what this process holds of a tensor; for most that is all of it."""
    to_local = getattr(tensor, "to_local", None)
    local: Tensor = tensor if to_local is None else to_local()
    return local.detach()


def _kinds(tensors: Sequence[Tensor]) -> list[list[int]]:
    """Return the places of the tensors that share device and type: one kernel takes those."""
    kinds: dict[tuple[torch.device, torch.dtype], list[int]] = {}
    for place, tensor in enumerate(tensors):
        kinds.setdefault((tensor.device, tensor.dtype), []).append(place)
    return list(kinds.values())


def _dense(tensor: Tensor) -> Tensor:
    """Return the values of a sparse tensor, an embedding's gradient, where rows may come twice."""
    return tensor.coalesce().values() if tensor.is_sparse else tensor
