"""Whether a configuration wants checkpoints, and whether it can get any."""

from collections.abc import Mapping

from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.monitored import told_direction
from trainmon.roles import Direction, Role

_SAID = frozenset({"checkpoint", "checkpoints", "save_checkpoint", "save_checkpoints", "keep_best"})
"""Settings that may be a word or a path to load from: a word of `_WORDS` counts."""

_SET = frozenset(
    {
        *("save_best", "save_best_only", "save_top_k", "save_best_metric", "checkpoint_best"),
        *("checkpoint_metric", "checkpoint_monitor", "load_best_model_at_end"),
    }
)
"""Settings that want checkpoints unless they are off."""

_RARELY = frozenset(
    {
        *("save_every", "save_interval", "save_freq", "save_steps", "save_period", "save_epochs"),
        *("every_n_epochs", "checkpoint_every", "checkpoint_interval", "checkpoint_freq"),
    }
)
"""Settings by which none is due for a while."""

_WORDS = frozenset({"best", "true", "yes", "on", "all", "always"})
_OFF = frozenset({"", "none", "no", "off", "false", "never", "null"})


def wants_checkpoints(settings: Mapping[str, Setting]) -> bool:
    """Return whether a checkpoint is to be kept as soon as it is the best one.

    >>> wants_checkpoints({"checkpoint": "best"}), wants_checkpoints({"checkpoint": "weights.pt"})
    (True, False)
    """
    wanted = False
    for name, value in settings.items():
        key = name.rpartition("/")[2].lower()
        if key in _RARELY and isinstance(value, (int, float)) and value > 1:
            return False
        wanted |= key in _SAID and (value is True or str(value).lower() in _WORDS)
        wanted |= key in _SET and bool(value) and str(value).lower() not in _OFF
    return wanted


def missing_key(context: Context) -> str | None:
    """Return the metric by which the best checkpoint is kept, if it is not logged."""
    wanted = context.settings.get("monitor")
    absent = isinstance(wanted, str) and context.monitored is None
    return str(wanted) if absent else None


def is_inverted(context: Context) -> bool:
    """Return whether the configured mode takes a better value for a worse one."""
    told, monitored = told_direction(context.settings), context.monitored
    if told is None or monitored is None:
        return False
    real = context.role(monitored[0]).direction
    return Direction.UNKNOWN not in (told, real) and told != real


def real_direction(context: Context, name: str) -> Direction:
    """Return which way a metric is better by its name, or else by the configuration."""
    real = context.role(name).direction
    return real if real != Direction.UNKNOWN else context.direction(name)


def clock(context: Context, by: str | None = None) -> str | None:
    """Return the metric that tells of evaluations: the monitored one, or what there is.

    `by` is the one that a checkpoint said it was written for, if it is logged.
    """
    if context.monitored:
        return context.monitored[0]
    return by or context.val_loss or next(iter(context.names(Role.VAL_METRIC)), None)


def logged(context: Context, by: object) -> str | None:
    """Return the evaluated metric that a checkpoint names; None if there is none of this name.

    Frameworks join words with "_" where a log has "/".
    """
    if not isinstance(by, str):
        return None
    names = context.names(Role.VAL_LOSS, Role.VAL_METRIC)
    return next((name for name in names if spelled(name) == spelled(by)), None)


def spelled(metric: str | None) -> str:
    """Return a metric's name with its words joined in one way."""
    return (metric or "").replace("/", "_")


def sign_of(context: Context, by: str | None = None) -> float:
    """Return what makes more of the metric better."""
    lower = real_direction(context, clock(context, by) or "") == Direction.LOWER
    return -1.0 if lower else 1.0
