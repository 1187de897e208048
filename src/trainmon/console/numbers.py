"""Numbers as consoles print them: with thousands separators, glued units, and ``nan``."""

import re

DIGITS_LIMIT = 40
"""Digits of a number on either side of the point: a double has 17, hashes have more."""

NUMBERS_LIMIT = 500
"""Numbers of a line that are looked at: the widest real records have some hundred."""

_SIGNED = r"(?<![\w.@])(?<![A-Za-z_]-)(?<!\d,)[+-]?"  # not inside AP50, top-1, Acc@5, v1.2, 1,2

_THOUSANDS = r"[1-9]\d{0,2}(?:,\d{3}){1,8}(?:\.\d{1,40})?"
_PLAIN = rf"\d{{1,{DIGITS_LIMIT}}}(?:\.\d{{0,{DIGITS_LIMIT}}})?(?:[eE][+-]?\d{{1,4}})?"
_POINT_FIRST = rf"\.\d{{1,{DIGITS_LIMIT}}}(?:[eE][+-]?\d{{1,4}})?(?![:=])"  # "AP .5:" is a name
_FINITE = rf"(?:{_THOUSANDS}|{_PLAIN}|{_POINT_FIRST})(?!\d|[.,]\d)"

# "number of nan iterations" is a name; the "z" of a z-score and a unit may be glued on.
_NONFINITE = r"(?<!of)(?<!of )(?i:nan|inf(?:inity)?)(?=z\)|ms\b|s\b|%|(?![\w./]))"

_NUMBER = re.compile(rf"({_SIGNED}(?:{_FINITE}|{_NONFINITE}))")


def apart(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return a line's texts and the numbers between them: one text more than numbers.

    >>> apart("step 10/1,000 loss nan (0.5)")
    (('step ', '/', ' loss ', ' (', ')'), ['10', '1,000', 'nan', '0.5'])
    """
    pieces = _NUMBER.split(text, NUMBERS_LIMIT)
    return tuple(pieces[::2]), pieces[1::2]


def value(spelled: str) -> float:
    """Return the value of a number that `apart` found.

    >>> value("1,234.5"), value("-.5"), value("+nan")
    (1234.5, -0.5, nan)
    """
    return float(spelled.replace(",", "") if "," in spelled else spelled)
