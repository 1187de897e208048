"""Single YAML values: what plain and quoted text stands for."""

import re

Scalar = str | int | float | bool | None

_TRUE, _FALSE = ("yes", "true", "on"), ("no", "false", "off")
_WORDS: dict[str, Scalar] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
for _words, _meaning in ((_TRUE, True), (_FALSE, False)):
    for _word in _words:
        _WORDS.update(dict.fromkeys((_word, _word.title(), _word.upper()), _meaning))

_DIGITS_LIMIT = 300
"""Characters of a number: a longer one is no setting, and Python reads no integer of thousands."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_PREFIXED = re.compile(
    r"(?P<sign>[-+]?)0(?:x(?P<hex>[0-9a-fA-F_]+)|b(?P<bin>[01_]+)|(?P<oct>[0-7_]+))"
)
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_NON_FINITE = re.compile(r"(?P<sign>[-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_ESCAPES = dict(
    zip(
        '0abtnvfre "/\\\tN_LP',
        '\0\a\b\t\n\v\f\r\x1b "/\\\t\x85\xa0\u2028\u2029',
        strict=True,
    )
)
_BREAKS = r"(?<![ \t])[ \t]+\n[ \t\n]*|\n[ \t\n]*"
"""A line break with the blanks around it; from its first blank on, so that none is tried twice."""

_FOLD = re.compile(_BREAKS)
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\n[ \t]*|(.))|" + _BREAKS,
    re.DOTALL,
)
_HIGHEST = 0x10FFFF


def plain(text: str) -> Scalar:
    """Return what an unquoted scalar stands for; floats need no dot, unlike in YAML 1.1.

    >>> plain("1e-3"), plain("no"), plain("0x1f"), plain("-.inf"), plain("adam w"), plain("~")
    (0.001, False, 31, -inf, 'adam w', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _DIGITS_LIMIT or text[0] not in "+-.0123456789":
        return text
    number = _number(text)
    return text if number is None else number


def single_quoted(text: str) -> str:
    """Return the text between single quotes, its line breaks folded."""
    return _FOLD.sub(_folded, text).replace("''", "'")


def double_quoted(text: str) -> str:
    r"""Return the text between double quotes, its escapes resolved and its line breaks folded.

    >>> double_quoted(r"a\tb\x41")
    'a\tbA'
    """
    return _ESCAPE.sub(_escaped, text)


def _number(text: str) -> float | None:
    """Return the number that a text spells, None if it spells none."""
    digits = text.replace("_", "")
    if match := _NON_FINITE.fullmatch(text):
        return float("nan") if match["sign"] is None else float(match["sign"] + "inf")
    if match := _PREFIXED.fullmatch(text):
        return _prefixed(match) if match[match.lastgroup or 0].strip("_") else None
    if _INTEGER.fullmatch(text):
        return int(digits)
    try:
        return float(digits) if _FLOAT.fullmatch(text) else None
    except ValueError:  # a sign or a dot alone
        return None


def _prefixed(match: re.Match[str]) -> int:
    group = match.lastgroup or ""
    base = {"hex": 16, "bin": 2, "oct": 8}[group]
    return int(match["sign"] + match[group].replace("_", ""), base)


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= _HIGHEST else "\N{REPLACEMENT CHARACTER}"
    if match[4] is not None:
        return _ESCAPES.get(match[4], match[0])
    return "" if match[0].startswith("\\") else _folded(match)


def _folded(match: re.Match[str]) -> str:
    """Return a blank for one line break, and one break less for several."""
    return "\n" * (match[0].count("\n") - 1) or " "
