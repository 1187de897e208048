"""Ticks of an axis: where they stand, and what is written beside them."""

from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Final, Literal, TypeAlias

from trainmon.ui.charts.scale import Scale, round_step

XKind: TypeAlias = Literal["step", "epoch", "time", "samples", "tokens"]
"""What runs along a chart: optimizer steps, epochs, or seconds since the start of the run."""

_TIME_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800)
_HOUR_STEPS: Final = (3_600, 7_200, 10_800, 21_600, 43_200)
_DAY: Final = 86_400
"""Seconds that clocks and calendars divide into evenly, from a second to a day."""

_SUFFIXES: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_SUFFIX_DECIMALS: Final = 2
"""2.25M is read at a glance; with more decimals the number is better written in full."""

_EXPONENT_BELOW: Final = 1e-3
_EXPONENT_FROM: Final = 1e15
"""Largest tick outside of which labels get an exponent: zeros would have to be counted."""

_DUST: Final = 1e-6
"""Share of a step that rounding may move a tick without changing its label."""

_LEAST_EXPONENT: Final = -323
"""Of a power of ten that is a number: the least one is half of that."""

_MOST_DECIMALS: Final = 17
"""More than float64 has."""


def ticks(scale: Scale, most: int, *, whole: bool = False) -> list[float]:
    """Return about `most` round values on a scale, in ascending order and none outside of it.

    With `whole` they are whole numbers, as steps are.

    >>> ticks(Scale(0, 50_000), 5)
    [0.0, 10000.0, 20000.0, 30000.0, 40000.0, 50000.0]
    >>> ticks(Scale(0.001, 20, log=True), 6)
    [0.001, 0.01, 0.1, 1.0, 10.0]
    """
    if scale.log:
        return _log_ticks(scale, max(most, 1))
    step = round_step((scale.high / 2 - scale.low / 2) / max(most, 1) * 2)
    if whole:
        step = max(step, 1.0) if step != 2.5 else 5.0  # noqa: PLR2004 -- the only broken step
    return _multiples(scale, step)


def time_ticks(scale: Scale, most: int) -> list[float]:
    """Return about `most` times on a scale of seconds, as a clock divides them.

    >>> time_ticks(Scale(0, 7_000), 4)
    [0.0, 1800.0, 3600.0, 5400.0]
    """
    size = (scale.high - scale.low) / max(most, 1)
    if size < 1:
        return ticks(scale, most)
    steps = (*_TIME_STEPS, *_HOUR_STEPS)
    step = next((float(step) for step in steps if step >= size), None)
    return _multiples(scale, step or _DAY * max(round_step(size / _DAY), 1.0))


def labels(values: list[float]) -> list[str]:
    """Return what is written beside ticks, with as many digits as tell them apart.

    >>> labels([0.0, 0.5, 1.0]), labels([0.0, 2_500.0, 5_000.0]), labels([0.0, 1e-4, 2e-4])
    (['0', '0.5', '1.0'], ['0', '2.5k', '5k'], ['0', '1e-4', '2e-4'])
    """
    if not values:
        return []
    largest = max(abs(value) for value in values)
    step = min((b - a for a, b in pairwise(values)), default=largest) or 1.0
    if 0 < largest < _EXPONENT_BELOW or largest >= _EXPONENT_FROM:
        return [_with_exponent(value, step) for value in values]
    for unit, suffix in _SUFFIXES:
        if largest >= unit:
            decimals = _decimals(values, step, unit)
            if decimals <= _SUFFIX_DECIMALS:
                return [_trimmed(f"{value / unit:.{decimals}f}", suffix) for value in values]
            break
    decimals = _decimals(values, step, 1.0)
    return [f"{value:,.{decimals}f}" if value else "0" for value in values]


def log_labels(values: list[float]) -> list[str]:
    """Return what is written beside the ticks of a logarithmic axis, each in its own unit.

    >>> log_labels([1e-5, 0.01, 1.0, 100.0, 20_000.0])
    ['1e-5', '0.01', '1', '100', '20k']
    """
    return [labels([value])[0] for value in values]


def time_labels(values: list[float]) -> list[str]:
    """Return times as people say them, in at most two units.

    >>> time_labels([0, 30, 300, 5_400, 7_200, 129_600])
    ['0', '30s', '5m', '1h30', '2h', '1d12h']
    """
    return [f"-{_clock(-value)}" if value < 0 else _clock(value) for value in values]


def _clock(seconds: float) -> str:
    if seconds < 60 and seconds != round(seconds):  # noqa: PLR2004 -- a minute
        return f"{seconds:.3g}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h{minutes:02d}" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m{seconds:02d}" if seconds else f"{minutes}m"
    return f"{seconds}s" if seconds else "0"


def _multiples(scale: Scale, step: float) -> list[float]:
    if not isfinite(step):
        return []
    first, last = ceil(scale.low / step - _DUST), floor(scale.high / step + _DUST)
    values = [float(f"{times * step:.15g}") for times in range(first, last + 1)]
    return [value for value in values if scale.low <= value <= scale.high]


def _log_ticks(scale: Scale, most: int) -> list[float]:
    """Return powers of ten; where there are too few, multiples of them; at last linear ticks."""
    first, last = ceil(log10(scale.low) - _DUST), floor(log10(scale.high) + _DUST)
    every = ceil(round_step(max((last - first + 1) / most, 1)))
    exponents = range(ceil(first / every) * every, last + 1, every)
    decades = [value for k in exponents if scale.low <= (value := float(f"1e{k}")) <= scale.high]
    for multiples in ((1, 2, 5), (1, 3)):
        finer = [float(f"{m}e{k}") for k in range(first - 1, last + 1) for m in multiples]
        finer = [value for value in finer if scale.low <= value <= scale.high]
        if 1 < len(finer) <= most and len(finer) > len(decades):
            return finer
    if len(decades) > 1:
        return decades
    return _multiples(scale, round_step((scale.high - scale.low) / most))


def _decimals(values: list[float], step: float, unit: float) -> int:
    """Return how many decimals spell all values exactly, when counted in `unit`."""
    for decimals in range(_MOST_DECIMALS):
        error = max(abs(round(value / unit, decimals) - value / unit) for value in values)
        if error <= _DUST * step / unit:
            return decimals
    return _MOST_DECIMALS


def _with_exponent(value: float, step: float) -> str:
    if value == 0:
        return "0"
    exponent = max(floor(log10(abs(value)) + _DUST), _LEAST_EXPONENT)
    unit = float(f"1e{exponent}")
    return f"{_trimmed(f'{value / unit:.{_decimals([value], step, unit)}f}')}e{exponent}"


def _trimmed(text: str, suffix: str = "") -> str:
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text == "0" else text + suffix
