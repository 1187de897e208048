"""The metric that a configuration says decides, and which way it is better."""

from collections.abc import Mapping, Sequence

from trainmon.configuration import Setting
from trainmon.roles import Direction, Role

CANDIDATES = (
    Role.VAL_METRIC,
    Role.VAL_LOSS,
    Role.RETURN,
    Role.VAL_LOSS_PART,
    Role.PART_METRIC,
    Role.OTHER,
    Role.TRAIN_METRIC,
)
"""What a configuration may mean by it, the likelier first."""

_MODES = {"max": Direction.HIGHER, "min": Direction.LOWER}


def monitored_name(settings: Mapping[str, Setting], candidates: Sequence[str]) -> str | None:
    """Return the metric that the setting `monitor` means; None if it is not logged.

    >>> monitored_name({"monitor": "val_loss"}, ["val/f1", "val/loss"])
    'val/loss'
    """
    wanted = settings.get("monitor")
    if not isinstance(wanted, str):
        return None
    # Frameworks join words with "_" where a log has "/": "val_loss" is "val/loss".
    spelled = {candidate.replace("/", "_"): candidate for candidate in reversed(candidates)}
    endings = (wanted, wanted.removeprefix("val_"), wanted.removeprefix("eval_"))
    return spelled.get(wanted.replace("/", "_")) or next(
        (c for c in candidates for e in endings if c.endswith(("/" + e, "_" + e))), None
    )


def told_direction(settings: Mapping[str, Setting]) -> Direction | None:
    """Return which way the monitored metric is better, if the configuration tells."""
    greater = settings.get("greater_is_better")
    if isinstance(greater, bool):
        return Direction.HIGHER if greater else Direction.LOWER
    return _MODES.get(str(settings.get("mode", "")))
