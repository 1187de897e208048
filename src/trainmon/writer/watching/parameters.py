"""The parameters of a model, as the log names them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from torch import Tensor, nn

from trainmon.writer.watching.layers import layers_of, readable, runs_of


@dataclass(frozen=True)
class Parameters:
    """Parameters in the order in which the model lists them: roughly that of the forward pass."""

    names: Sequence[str]
    tensors: Sequence[Tensor]
    layer_of_each: Sequence[str]

    @classmethod
    def of(cls, model: nn.Module) -> Self:
        """Return all parameters of `model`; one that is shared counts once."""
        named = dict(model.named_parameters())
        names = readable(list(named))
        return cls(names, list(named.values()), layers_of(names))

    def at(self, places: Sequence[int]) -> "Parameters":
        """Return those at `places`, which count to the same layers as before."""
        return Parameters(
            [self.names[place] for place in places],
            [self.tensors[place] for place in places],
            [self.layer_of_each[place] for place in places],
        )

    @property
    def trainable(self) -> "Parameters":
        """Those that gradients are computed of."""
        tensors = enumerate(self.tensors)
        return self.at([place for place, tensor in tensors if tensor.requires_grad])

    @cached_property
    def layers(self) -> Sequence[str]:
        """The layers, each once."""
        return [layer for layer, _ in runs_of(self.layer_of_each)]

    @cached_property
    def sizes(self) -> Sequence[int]:
        """How many parameters each layer has."""
        return [size for _, size in runs_of(self.layer_of_each)]


def identity_of(tensors: Iterable[Tensor]) -> Sequence[tuple[int, bool]]:
    """Return which tensors these are and which are trainable: equal while nothing changes."""
    return [(id(tensor), tensor.requires_grad) for tensor in tensors]


def is_sharded(model: nn.Module) -> bool:
    """Return whether other processes hold other parts of the parameters, as FSDP arranges it."""
    return any(map(_has_shards, model.parameters())) or any(
        type(module).__name__ == _FIRST_FSDP and getattr(module, "world_size", 1) > 1
        for module in model.modules()
    )


_FIRST_FSDP = "FullyShardedDataParallel"
"""The wrapper whose parameters do not tell; its successor's are distributed tensors."""


def _has_shards(tensor: Tensor) -> bool:
    mesh = getattr(tensor, "device_mesh", None)
    placements = getattr(tensor, "placements", ())
    return mesh is not None and any(
        placement.is_shard() and mesh.size(axis) > 1 for axis, placement in enumerate(placements)
    )
