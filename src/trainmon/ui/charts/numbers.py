"""Numbers as people read them: few digits, a unit, and the same words all over the screen."""

from math import copysign, floor, isfinite, isnan
from typing import Final

_PLAIN_FROM: Final = 1e-3
"""Smaller magnitudes are spelled with an exponent: 0.00021 takes counting, 2.1e-4 does not."""

_PLAIN_BELOW: Final = 1e6
"""Larger magnitudes take a suffix: the seventh digit of a loss or of a rate is never read."""

_SUFFIXES: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
"""As people count parameters and tokens: 7B, not 7G."""

_SUFFIX_BELOW: Final = 1e15
"""Beyond a thousand of the largest suffix only an exponent is left."""

_ONE_DECIMAL_BELOW: Final = 9.95
"""Quantities with a unit show two digits; from here on, one decimal would round to 10.0."""

_NEARLY_ALL: Final = 99.0
"""Percent from where whole numbers would turn "nearly all" into "all"."""

_HEARTBEAT: Final = 10.0
"""Seconds of age that are told in tenths, so that one sees it beat."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
"""Seconds."""

_MEMORY_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")
_MEMORY_STEP: Final = 1024
"""A "80 GB" card has 80 of these units, and PyTorch counts in them too."""


def number(value: float) -> str:
    """Return `value` with three significant digits at most and no zeros that say nothing.

    >>> [number(v) for v in (0.412, 1.0, 48_210, 0.00021, 1_234_567, float("nan"), float("-inf"))]
    ['0.412', '1', '48,210', '2.1e-4', '1.23M', 'NaN', '-∞']
    """
    return _spelled(value, keep_zeros=False)


def steady(value: float, width: int = 7) -> str:
    """Return `value` right-aligned and always with three significant digits: nothing jumps.

    Seven cells hold every number from 0.001 to a million, sign aside.

    >>> [steady(v) for v in (0.41, 1.0, 48_210)]
    ['  0.410', '   1.00', ' 48,210']
    """
    return _spelled(value, keep_zeros=True).rjust(width)


def count(value: int) -> str:
    """Return a whole number in full, in groups of three digits.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def share(fraction: float) -> str:
    """Return a fraction as a percentage; 100 % and 0 % are said only of all and of nothing.

    >>> [share(f) for f in (0.083, 0.4, 0.9996, 0.00031, 1e-6, 0.0)]
    ['8.3 %', '40 %', '99.9 %', '0.03 %', '<0.01 %', '0 %']
    """
    percent = 100 * fraction
    if not isfinite(percent):
        return number(percent)
    size = abs(percent)
    if _NEARLY_ALL < size < 100:  # noqa: PLR2004 -- all
        return f"{copysign(floor(size * 10) / 10, percent):.1f} %"
    if size >= 0.1 or percent == 0:  # noqa: PLR2004 -- two digits suffice
        return f"{_trimmed(_two_digits(percent))} %"
    hundredths = f"{size:.2f}"
    sign = "-" if percent < 0 else ""
    return f"{sign}{_trimmed(hundredths)} %" if float(hundredths) else f"{sign}<0.01 %"


def duration(seconds: float) -> str:
    """Return a time span in its two largest units.

    >>> [duration(s) for s in (187_200, 11_220, 725, 8.2, 0.275, 0.0053, 0.00041)]
    ['2 d 04 h', '3 h 07 m', '12 m 05 s', '8.2 s', '275 ms', '5.3 ms', '410 µs']
    """
    if not isfinite(seconds):
        return number(seconds)
    if seconds < 0:
        return f"-{duration(-seconds)}"
    whole = round(seconds)
    if whole < _MINUTE:
        return _short_duration(seconds)
    if whole < _HOUR:
        return f"{whole // 60} m {whole % 60:02d} s"
    minutes = round(seconds / _MINUTE)
    if minutes * _MINUTE < _DAY:
        return f"{minutes // 60} h {minutes % 60:02d} m"
    hours = round(seconds / _HOUR)
    return f"{hours // 24:,} d {hours % 24:02d} h"


def age(seconds: float) -> str:
    """Return how long ago something was, in one unit and rounded down; the future counts as now.

    >>> [age(s) for s in (0.24, 59.9, 310, 7_300, -3, float("nan"))]
    ['0.2 s ago', '59 s ago', '5 m ago', '2 h ago', '0.0 s ago', 'never']
    """
    if not isfinite(seconds):
        return "never"
    if seconds < _HEARTBEAT:
        return f"{floor(max(seconds, 0.0) * 10) / 10:.1f} s ago"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= unit:
            return f"{int(seconds // unit):,} {name} ago"
    return f"{int(seconds)} s ago"


def bytes_(size: float) -> str:
    """Return an amount of memory in units of 1,024, named as GPU makers and ``free -h`` do.

    >>> [bytes_(n) for n in (71 * 2**30, 8.25 * 2**30, 1536, 0)]
    ['71 GB', '8.2 GB', '1.5 KB', '0 B']
    """
    if not isfinite(size):
        return number(size)
    *smaller_units, unit = _MEMORY_UNITS
    for smaller in smaller_units:
        if round(abs(size)) < _MEMORY_STEP:
            unit = smaller
            break
        size /= _MEMORY_STEP
    return f"{_trimmed(_two_digits(size))} {unit}"


def _spelled(value: float, *, keep_zeros: bool) -> str:
    if isnan(value):
        return "NaN"
    if not isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    size = abs(float(f"{value:.2e}"))
    if size < _PLAIN_FROM or size >= _SUFFIX_BELOW:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa if keep_zeros else _trimmed(mantissa)}e{int(exponent)}"
    suffix = ""
    if abs(round(value)) >= _PLAIN_BELOW:
        unit, suffix = next((unit, suffix) for unit, suffix in _SUFFIXES if size >= unit)
        value, size = value / unit, size / unit
    text = f"{value:,.{_decimals(size)}f}"
    return (text if keep_zeros else _trimmed(text)) + suffix


def _decimals(size: float) -> int:
    """Return how many decimals make three significant digits of a rounded magnitude."""
    return max(0, 2 - int(f"{size:e}".split("e")[1]))


def _two_digits(value: float) -> str:
    return f"{value:.{1 if abs(value) < _ONE_DECIMAL_BELOW else 0}f}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short_duration(seconds: float) -> str:
    """Return a span under a minute; its unit is the largest that leaves a whole number of it."""
    if seconds == 0:
        return "0 s"
    if seconds >= 0.9995:  # noqa: PLR2004 -- what rounds to 1,000 ms
        return f"{_two_digits(seconds)} s"
    if seconds >= 0.9995e-3:  # noqa: PLR2004 -- what rounds to 1,000 µs
        return f"{_two_digits(seconds * 1e3)} ms"
    return f"{_two_digits(seconds * 1e6)} µs" if seconds >= 1e-6 else "<1 µs"  # noqa: PLR2004
