"""The losses that a Trainer does not show: those that are NaN or infinite.

With ``logging_nan_inf_filter``, its default, a Trainer puts the average of the other losses in
their place. Here they are taken from the model's own output, before that.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any, Protocol

from trainmon.writer.copies import MakeTransfer, device_of, torch_transfer


class _Handle(Protocol):
    def remove(self) -> None: ...


class HiddenLoss:
    """The losses of one optimizer step, as the model returns them.

    A forward hook sends each to the host without waiting for it. By the end of the step it is
    there: the filter itself has waited for the same value since. So where the filter is on, and
    only there, this costs no synchronisation of its own.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - any torch module
        devices: MakeTransfer = torch_transfer,
    ) -> None:
        self._values: list[Callable[[], list[float]]] = []
        self._open = False

        def keep(module: Any, _inputs: object, outputs: object) -> None:  # noqa: ANN401 - as above
            with suppress(Exception):  # whatever a model returns, it is not for us to object to
                # A step that was interrupted stays open, and the model may be used on.
                if not (self._open and module.training) or (loss := _loss_in(outputs)) is None:
                    return
                loss = loss.detach().reshape(-1)
                if (device := device_of(loss)) is None:
                    self._values.append(loss.tolist)
                else:
                    transfer = devices(device)
                    transfer.add(loss)
                    transfer.send()
                    self._values.append(transfer.values)

        self._handle: _Handle = model.register_forward_hook(keep)

    def begin(self) -> None:
        """Keep what the model returns from here on."""
        self._values.clear()
        self._open = True

    def end(self) -> float | None:
        """Return the first loss since `begin` that is NaN or infinite, or None."""
        self._open = False
        values = [value for arrived in self._values for value in arrived()]
        return next((value for value in values if not isfinite(value)), None)

    def remove(self) -> None:
        """Leave the model as it was."""
        self._handle.remove()


def hidden_loss(
    model: Any,  # noqa: ANN401 - any torch module
    args: Any,  # noqa: ANN401 - a Trainer's arguments
    tell: Callable[[object, str], None],
) -> HiddenLoss | None:
    """Return what sees the hidden losses of `model`, or None where none are hidden, or none seen.

    On a compiled model a hook would become a part of what is compiled: it would break the graph in
    two, or fail where that is forbidden. `tell` is told of a loss that stays hidden so.
    """
    if not args.logging_nan_inf_filter:
        return None
    compiled = hasattr(model, "_orig_mod") or getattr(model, "_compiled_call_impl", None)
    if args.torch_compile or compiled:
        tell(
            HiddenLoss,
            "the model is compiled, so a NaN that logging_nan_inf_filter hides stays hidden; "
            "logging_nan_inf_filter=False shows it",
        )
        return None
    return HiddenLoss(model)


def _loss_in(outputs: object) -> Any | None:  # noqa: ANN401 - a tensor
    """Return what a Trainer would take for the loss; a loss made outside of the model is not it."""
    if isinstance(outputs, Mapping):
        loss = outputs.get("loss")
    else:
        loss = outputs[0] if isinstance(outputs, tuple) and outputs else None
    small = getattr(loss, "ndim", 2) <= 1  # a number, or one per device; else it is logits
    return loss if small and loss is not None and loss.is_floating_point() else None
