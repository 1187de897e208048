"""Numbers and settings of a comparison in words."""

from trainmon.configuration import Setting

_WHOLE_FROM = 1e3
"""From here on three digits would hide what differs: 50,257 and 50,304 are two vocabularies."""

_PLAIN_FROM = 1e-3
"""Below it powers are easier to compare than zeros."""

_POWERS_FROM = 1e15
"""From here on nobody counts the digits of a number."""

_TEXT_LIMIT = 48
"""Characters shown of a setting's text: two of them stand on one line."""


def figure(value: float) -> str:
    """Return a number as people write it.

    >>> [figure(v) for v in (7.8125e-7, 0.424, 128.0, 1_281_167.0, float("nan"))]
    ['7.81e-7', '0.424', '128', '1,281,167', 'NaN']
    """
    if value != value:  # noqa: PLR0124 - true for NaN alone
        return "NaN"
    if _WHOLE_FROM <= abs(value) < _POWERS_FROM:
        return f"{value:,.0f}"
    text = f"{value:.3g}" if abs(value) >= _PLAIN_FROM or not value else f"{value:.2e}"
    mantissa, sign, exponent = text.partition("e")
    if not sign:
        return mantissa
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def fold(ratio: float) -> str:
    """Return how many times larger or smaller something is.

    >>> fold(1 / 40), fold(16.0), fold(1.04), fold(1234.5)
    ('40x smaller', '16x larger', '1.04x larger', '1,200x larger')
    """
    size = max(ratio, 1 / ratio)
    digits = 3 if size < 1.1 else 2  # noqa: PLR2004 - one in ten still shows with two digits
    return f"{float(f'{size:.{digits}g}'):,.6g}x {'larger' if ratio > 1 else 'smaller'}"


def spelled(setting: Setting) -> str:
    """Return a setting in words.

    >>> spelled(True), spelled(None), spelled("adamw"), spelled(1e-4)
    ('on', 'none', 'adamw', '1e-4')
    """
    if isinstance(setting, bool):
        return "on" if setting else "off"
    if setting is None:
        return "none"
    if isinstance(setting, (int, float)):
        return figure(setting)
    text = str(setting)
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"
