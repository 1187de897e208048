"""A loss composed of parts: each of them logged by itself, their sum, and how they are weighted."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import add
from typing import Any, SupportsFloat

from trainmon.writer.journal import Journal

_PREFIX = "loss_"
"""What variables that hold parts are called like, and names in the log are not."""

_AUXILIARY = "aux"
"""Begins the usual names of the part whose weight readers look for."""


class Parts:
    """Logs the parts of one run's loss.

    Weights that are plain numbers and stay the same belong to the configuration. Those that change
    in the course of the training, or live on a device, are metrics.
    """

    def __init__(self, journal: Journal) -> None:
        """Log to `journal`."""
        self._journal = journal
        self._told: dict[str, float] | None = None

    def log(
        self,
        parts: Mapping[str, object],
        weights: Mapping[str, object],
        total: object = None,
        *,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
    ) -> None:
        """Log the parts as ``train/loss/<part>`` and, as ``train/loss``, `total` or their sum."""
        losses = {_name(name): loss for name, loss in parts.items() if loss is not None}
        factors = {_name(name): weight for name, weight in weights.items()}
        if not losses and total is None:
            return
        self._tell_of_others(factors.keys() - {_name(name) for name in parts})
        metrics: dict[str, object] = {f"train/loss/{part}": loss for part, loss in losses.items()}
        metrics |= self._weights_to_log(factors)
        with self._journal.guard("the sum of the parts"):
            metrics["train/loss"] = weighted_sum(losses, factors) if total is None else total
        self._journal.log(metrics, step=step, epoch=epoch)

    def _tell_of_others(self, others: Collection[str]) -> None:
        if others:
            names = ", ".join(sorted(others))
            self._journal.tell("weights of no part", f"weights name no part of the loss: {names}")

    def _weights_to_log(self, factors: Mapping[str, Any]) -> dict[str, object]:
        constant = {part: float(w) for part, w in factors.items() if isinstance(w, int | float)}
        if self._told is None:
            self._told = constant
            if constant:
                self._journal.configure(_settings(constant))
        varying = {part for part in factors if constant.get(part) != self._told.get(part)}
        varying |= factors.keys() - constant.keys()
        return {f"train/loss_weight/{part}": factors[part] for part in sorted(varying)}


def weighted_sum(losses: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a number or tensor of whatever library
    """Return the sum of `losses`, of which some have weights, without waiting for a device.

    It is computed where they live, and no part of their graph.

    >>> weighted_sum({"cls": 0.5, "aux": 1.0}, {"aux": 0.5})
    1.0
    """
    addends = (
        _apart(loss) * _apart(weights[part]) if part in weights else _apart(loss)
        for part, loss in losses.items()
    )
    return reduce(add, addends)


def _name(variable: str) -> str:
    return str(variable).removeprefix(_PREFIX)


def _apart(value: Any) -> Any:  # noqa: ANN401 - as above
    """Return a tensor's value without its graph, in at least single precision; else the value."""
    detach = getattr(value, "detach", None)
    return detach().float() if callable(detach) else value


def _settings(weights: Mapping[str, float]) -> dict[str, object]:
    auxiliary = [weight for part, weight in weights.items() if part.startswith(_AUXILIARY)]
    if not auxiliary and len(weights) == 1:  # the only part that is not simply added
        auxiliary = list(weights.values())
    settings: dict[str, object] = {"loss_weights": dict(weights)}
    return settings | {"aux_weight": auxiliary[0]} if auxiliary else settings
