"""Learning-rate schedules: the factor of a step (from 1) of a run of `steps`."""

from collections.abc import Callable
from math import cos, pi

from tests.evaluation.training.settings import Settings

Rate = Callable[[int], float]

FLOOR = 0.01
"""The last rate as a share of the peak."""

CYCLES = 3
"""Warm restarts divide a run into as many parts."""


def scheduled(settings: Settings, steps: int) -> Rate:
    """Return the learning rate of each step that the settings ask for."""
    warmup = max(round(settings.warmup * steps), 1)

    def rate(step: int) -> float:
        if settings.schedule == "one-cycle":
            return settings.lr * _one_cycle(step / steps)
        if step <= warmup:
            return settings.lr * step / warmup
        return settings.lr * _factor(settings.schedule, (step - warmup) / max(steps - warmup, 1))

    return rate


def _factor(schedule: str, progress: float) -> float:
    """Return the share of the peak after some progress (0 to 1) since the warm-up."""
    if schedule == "constant":
        return 1.0
    if schedule == "linear":
        return FLOOR + (1 - FLOOR) * (1 - progress)
    if schedule == "step":
        return 0.1 ** int(min(progress, 0.999) * 3)
    if schedule == "restarts":
        progress = progress * CYCLES % 1.0 if progress < 1 else 1.0
    return FLOOR + (1 - FLOOR) * (1 + cos(pi * progress)) / 2


def _one_cycle(progress: float) -> float:
    """Return the share of the peak: up to it over 30 % of the run, then down to almost nothing."""
    if progress < 0.3:
        return 0.04 + 0.96 * (1 - cos(pi * progress / 0.3)) / 2
    return 1e-4 + (1 - 1e-4) * (1 + cos(pi * (progress - 0.3) / 0.7)) / 2
