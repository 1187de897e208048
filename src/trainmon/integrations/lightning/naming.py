"""Lightning's metrics under names whose values are all of one kind.

``self.log("loss", ..., on_step=True, on_epoch=True)`` becomes ``loss_step`` and ``loss_epoch``. In
training the steps are what is judged, so they keep the plain name; in evaluations the mean is.
"""

import re
from collections.abc import Collection, Mapping

from trainmon.integrations.lightning.progress import Moment

_TWIN = re.compile(r"(?P<name>.+)_(?P<level>step|epoch)(?P<loader>(?:/dataloader_idx_\d+)?)")

_LR_MONITOR = re.compile(r"lr-[A-Za-z]\w*(?P<group>(?:/[^/]+)?)")
"""What `LearningRateMonitor` calls the rates of ``Adam``, or those of one of its groups."""


def trainmon_names(
    metrics: Mapping[str, object],
    moment: Moment,
    *,
    logged: Collection[str],
    measured: Collection[str],
) -> dict[str, object]:
    """Return `metrics` by the names they get in the log.

    `logged` are the names by which the script logged, which tells a twin from a name that happens
    to end like one. `measured` are those that trainmon measures itself at each step: such a value
    of one step is left out, and the mean of an epoch gets another name.

    >>> both = {"logged": ["loss"], "measured": []}
    >>> trainmon_names({"loss_step": 1, "time_step": 2}, Moment(False, False), **both)
    {'loss': 1, 'time_step': 2}
    >>> trainmon_names({"loss_epoch": 1}, Moment(True, True), **both)
    {'loss': 1}
    >>> trainmon_names({"loss_step": 1}, Moment(True, False), **both)
    {'batch/loss_step': 1}
    """
    if moment.evaluating and not moment.whole_epoch:  # one batch of an evaluation is none
        return {f"batch/{name}": value for name, value in metrics.items()}
    plain = "epoch" if moment.evaluating else "step"
    named: dict[str, object] = {}
    for told, value in metrics.items():
        name = _rate_name(told, metrics)
        twin = _TWIN.fullmatch(name)
        if twin and twin["level"] == plain and twin["name"] + twin["loader"] in logged:
            name = twin["name"] + twin["loader"]
        if name not in measured:
            named[name] = value
        elif moment.whole_epoch:
            named[f"{name}_epoch"] = value
    return named


def _rate_name(name: str, metrics: Collection[str]) -> str:
    rate = _LR_MONITOR.fullmatch(name)
    if rate is None:
        return name
    rivals = [other for other in metrics if _LR_MONITOR.fullmatch(other)]
    alone = len({other.partition("/")[0] for other in rivals}) == 1
    return f"lr{rate['group']}" if alone else name
