"""Which runs of a view are listed, in what order: by words, by configuration, by what they need."""

import re
from collections.abc import Callable, Sequence
from math import inf, isfinite
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np

from trainmon.roles import Direction
from trainmon.rule import Severity
from trainmon.view import RunView, Status

ORDERS = ("newest", "health", "best", "name", "step")
"""In which runs can be listed: each key goes on to the next one."""

_TERM = re.compile(r"([\w./@-]+?)(>=|<=|!=|==|=|>|<)(.*)", re.DOTALL)

_COMPARES: dict[str, Callable[[float, float], bool]] = {
    ">=": ge,
    "<=": le,
    "!=": ne,
    "==": eq,
    "=": eq,
    ">": gt,
    "<": lt,
}

_POINTS = 10_000
"""Newest values among which the best one of a run is looked for."""


def listed(runs: Sequence[RunView], wanted: str, order: str) -> tuple[RunView, ...]:
    """Return the runs that match all words of a filter, in an order; the newest come first.

    A word is a part of a run's name or path, or compares a setting of its configuration, its step
    or its best value: ``lr>1e-3``, ``optimizer=adamw``, ``step>=1000``, ``best<0.4``.
    """
    words = wanted.split()
    found = [run for run in runs if all(_matches(run, word) for word in words)]
    return tuple(sorted(found, key=_KEYS[order])) if order in _KEYS else tuple(found)


def best_of(run: RunView) -> tuple[float, bool] | None:
    """Return the best value of the metric that decides, and whether higher is better.

    That is the monitored metric, else the validation loss, else the training loss.
    """
    context = run.context
    name = context.monitored[0] if context.monitored else context.val_loss or context.train_loss
    values = run.lead.samples(name).values[-_POINTS:]
    values = values[np.isfinite(values)]
    if not name or not len(values):
        return None
    higher = context.direction(name) == Direction.HIGHER
    return float(values.max() if higher else values.min()), higher


def _matches(run: RunView, word: str) -> bool:
    term = _TERM.fullmatch(word)
    if term is None:
        return word.lower() in run.name.lower() or word.lower() in run.path.lower()
    key, sign, value = term.groups()
    told = _told(run, key)
    if told is None:
        return False
    try:
        number = float(value)
    except ValueError:
        alike = str(told).lower() == value.lower()
        return alike if sign in {"=", "=="} else not alike if sign == "!=" else False
    if isinstance(told, (bool, str)):
        return sign == "!="
    return _COMPARES[sign](float(told), number)


def _told(run: RunView, key: str) -> float | str | bool | None:
    """Return what a run tells by a name: a setting, its step, its best value, its state."""
    if key == "step":
        return run.last_step
    if key == "best":
        best = best_of(run)
        return best[0] if best else None
    if key == "status":
        return run.status.value
    return run.context.settings.get(key)


def _by_health(run: RunView) -> tuple[int, bool]:
    worst = run.trouble.standing if run.trouble else Severity.INFO
    return -int(worst), run.status is not Status.CRASHED


def _by_best(run: RunView) -> float:
    best = best_of(run)
    if best is None or not isfinite(best[0]):
        return inf
    return -best[0] if best[1] else best[0]


_KEYS: dict[str, Callable[[RunView], Any]] = {
    "health": _by_health,
    "best": _by_best,
    "name": lambda run: run.name.lower(),
    "step": lambda run: -(run.last_step or 0.0),
}
