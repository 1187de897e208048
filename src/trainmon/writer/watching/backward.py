"""Tells when a backward pass has ended: the one moment at which gradients are whole and unclipped.

A training loop clips between ``loss.backward()`` and ``optimizer.step()``, where nobody is told
of anything. But torch's engine calls back at the end of each pass. Whoever hears a gradient arrive
asks it to, once per pass; DistributedDataParallel and FSDP ask likewise, to average gradients, and
may do so later. So a second call is asked for in the first one: that comes after all others.
"""

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from trainmon.writer.watching.hook import Hook

if TYPE_CHECKING:  # needed by annotations alone
    from torch.utils.hooks import RemovableHandle

_LISTENERS = 8
"""Parameters at which gradients are listened for: one would do, but for losses that reach only
a part of the model. Each costs about a microsecond in a pass."""


class _Engine(Protocol):
    def queue_callback(self, call: Callable[[], None]) -> None:
        """Call at the end of the backward pass that is under way."""


def _engine() -> _Engine:
    engine: _Engine = torch.autograd.Variable._execution_engine  # noqa: SLF001 - as torch's FSDP does
    return engine


class BackwardEnds:
    """Calls back after each backward pass that reaches one of some parameters.

    The parameters keep no reference to whoever is called, and their copies know nothing of it.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        ended: Callable[[], None],
        failed: Callable[[Exception], None],
        *,
        computed: Callable[[], None] | None = None,
    ) -> None:
        """Listen to `parameters`; all that is to be called is a bound method.

        `computed` is called before `ended`: gradients are there, and other processes are not
        waited for yet.
        """
        self._ended = _weakly(ended)
        self._failed = _weakly(failed)
        self._computed = None if computed is None else _weakly(computed)
        self._heard: set[int] = set()
        self._handles: list[RemovableHandle] = []
        hear = Hook(_weakly(self._hear), self._failed)
        for place in _spread(len(parameters), _LISTENERS):
            handle = parameters[place].register_post_accumulate_grad_hook(hear)  # type: ignore[no-untyped-call]  # torch's own
            self._handles.append(handle)

    def close(self) -> None:
        """Listen no more."""
        for handle in self._handles:
            handle.remove()

    def _hear(self, parameter: Tensor) -> None:
        # A pass that failed half way never ended. The next one shows by a parameter's second time.
        if self._heard and id(parameter) not in self._heard:
            self._heard.add(id(parameter))
            return
        self._heard = {id(parameter)}
        _engine().queue_callback(Hook(self._others_asked, self._failed))

    def _others_asked(self) -> None:
        if self._computed is not None:
            self._computed()
        _engine().queue_callback(Hook(self._end, self._failed))

    def _end(self) -> None:
        self._heard.clear()
        self._ended()


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """Return a function that calls a bound method for as long as there is what it is bound to."""
    reference = weakref.WeakMethod(method)

    def call(*arguments: object) -> None:
        alive = reference()
        if alive is not None:
            alive(*arguments)

    return call


def _spread(count: int, most: int) -> list[int]:
    """Return up to `most` places among `count`, the first and the last one included.

    >>> _spread(3, most=8), _spread(100, most=4)
    ([0, 1, 2], [0, 33, 66, 99])
    """
    if count <= most:
        return list(range(count))
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]
