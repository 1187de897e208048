"""The learning rates of an optimizer's parameter groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from trainmon.writer.watching.norms import number

GROUPS_LIMIT = 16
"""Groups whose rates are logged at every step: layer-wise decay has hundreds that move as one."""


def learning_rates(groups: Sequence[Mapping[str, Any]], *, every_group: bool) -> dict[str, object]:
    """Return `lr` of the first group and, where groups differ, ``lr/<name or number>`` of each.

    More than `GROUPS_LIMIT` are told only if `every_group` is asked for.

    >>> learning_rates([{"lr": 0.1}, {"lr": 0.1}], every_group=False)
    {'lr': 0.1}
    >>> learning_rates([{"lr": 0.1, "name": "head"}, {"lr": 0.01}], every_group=False)
    {'lr': 0.1, 'lr/head': 0.1, 'lr/1': 0.01}
    """
    rates = [_rate(group.get("lr")) for group in groups]
    if not rates or rates[0] is None:
        return {}
    metrics: dict[str, object] = {"lr": rates[0]}
    few = len(rates) <= GROUPS_LIMIT or every_group
    if few and any(isinstance(rate, Tensor) or rate != rates[0] for rate in rates[1:]):
        for number, (group, rate) in enumerate(zip(groups, rates, strict=True)):
            metrics[f"lr/{group.get('name', number)}"] = rate
    return metrics


def _rate(rate: object) -> object:
    """Return a rate as it is now: a tensor of them is changed in place later."""
    return number(rate.detach().clone()) if isinstance(rate, Tensor) else rate
