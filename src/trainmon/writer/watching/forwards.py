"""What is done as a forward pass in training begins: remember the batch, look for NaN if asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import nn

from trainmon.writer.watching.hook import Hook

if TYPE_CHECKING:  # needed by annotations alone
    from torch.utils.hooks import RemovableHandle


class Forwards:
    """A hook on a model that keeps what it was called with, until it is told to forget it."""

    def __init__(
        self,
        model: nn.Module,
        began: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Call `began` at each pass that gradients are wanted of, with the inputs at hand."""
        self._began = began
        self.inputs: object = None
        """The positional and named arguments of the last such pass."""
        self._handle: RemovableHandle = model.register_forward_pre_hook(
            Hook(self._begin, failed), with_kwargs=True
        )

    def close(self) -> None:
        """Remove the hook and forget the inputs."""
        self._handle.remove()
        self.inputs = None

    def _begin(
        self, module: nn.Module, arguments: tuple[object, ...], named: dict[str, object]
    ) -> None:
        if module.training and torch.is_grad_enabled():
            self.inputs = (arguments, named) if named else arguments
            self._began()
