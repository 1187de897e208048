"""A hook that can sit in a model or an optimizer without being noticed."""

from collections.abc import Callable
from contextlib import nullcontext

import torch


class Hook:
    """Calls a function with whatever hooks are given, and keeps its failures from the caller.

    It changes nothing, as it returns nothing. Models are copied (for averages of weights) and
    pickled whole: its copies do nothing and need no trainmon. While torch traces a model it does
    nothing either, so that a compiled graph is the same with and without it.
    """

    __slots__ = ("_call", "_failed")

    def __init__(self, call: Callable[..., None], failed: Callable[[Exception], None]) -> None:
        """Tell `failed` what `call` raises."""
        self._call = call
        self._failed = failed

    def __call__(self, *arguments: object) -> None:
        """Pass the arguments on."""
        if torch.compiler.is_compiling():
            return
        try:
            self._call(*arguments)
        except Exception as error:  # noqa: BLE001 - a failure of ours is no reason to stop training
            self._failed(error)

    def __reduce__(self) -> tuple[object, ...]:
        # A function of the standard library that takes anything and returns nothing.
        return getattr, (nullcontext(), "__exit__")
