"""What the numbers of a line are, told by the texts between them.

The lines of a log repeat a few shapes: the line with its numbers taken out. So a shape is
understood once, with all the care it takes, and after that only its numbers are read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trainmon.console.units import NO_UNIT, Unit, unit_before, without_unit
from trainmon.console.words import last_words, split_of, split_told

_KEY_LIMIT = 160
"""Characters ahead of a number within which its name stands."""

_WORDS_LIMIT = 6
"""Words of a name: more of them are a sentence that ends in a colon."""

_DELIMITER = re.compile(r"[|,;:=\[\]{}<>\t]|(?<= )[-\u2013\u00b7\u2022\u00bb](?= )|\) ")
_IN_PARENTHESES = re.compile(r"(\w{1,40}) ?\((\w{1,20})\)")
_BARE = "\"'`*#([{ "


@dataclass(frozen=True, slots=True)
class Field:
    """One number of a line."""

    at: int
    """Which number of the line it is."""
    key: str
    """Its name as written, without a unit; empty if it has none."""
    factor: float = 1.0
    """What makes it seconds or bytes."""
    split: str = ""
    """The split the line was telling of: "train", "val" or nothing."""
    total: int | None = None
    """The number behind the "/", for a position."""
    average: int | None = None
    """The number in parentheses behind it: its average so far."""


def fields_of(texts: Sequence[str]) -> tuple[Field, ...]:
    """Return what is known of the numbers between these texts.

    >>> from trainmon.console.numbers import apart
    >>> [(f.key, f.at, f.total, f.average) for f in fields_of(apart("it 1/9: loss 2 (3)")[0])]
    [('it', 0, 1, None), ('loss', 2, None, 3)]
    """
    fields: list[Field] = []
    split, unit, inside = "", NO_UNIT, False
    for at in range(len(texts) - 1):
        rest, after = texts[at][unit.length :], texts[at + 1]
        known = unit_before(after)
        unit = known or NO_UNIT
        inside = inside and ")" not in rest
        if inside:
            continue  # timm's "(0.5s, 250/s)": the first of them is the average
        if fields and _last(fields[-1]) == at - 1 and _continues(fields, at, rest, after):
            more = not after[unit.length :].startswith(")")
            inside = bool(fields) and fields[-1].average == at and more
            continue
        key, factor, split = _named(rest, unit, split)
        if known is None:
            continue  # glued to a word: "3D", "2nd"
        fields.append(Field(at, key or unit.metric, factor, split))
    return tuple(fields)


def _last(field: Field) -> int:
    return max(field.at, field.total or 0, field.average or 0)


def _continues(fields: list[Field], at: int, rest: str, after: str) -> bool:
    """Take in a number that belongs to the one before it; return whether it does."""
    field, between = fields[-1], rest.strip()
    unit = unit_before(after) or NO_UNIT
    if between in ("/", "of"):
        fields[-1] = replace(field, total=at)
    elif rest == ":":
        fields.pop()  # a clock: 2:05:05
    elif between == "(":
        closing = after[unit.length :].lstrip()
        if unit.metric or after[:1] in ("%", "z") or closing[:1] not in (")", ","):
            return after[:1] in ("%", "z")
        fields[-1] = replace(field, average=at)
    else:
        return False
    return True


def _named(rest: str, unit: Unit, split: str) -> tuple[str, float, str]:
    """Return the name of the number that follows, its factor, and the split told of by then."""
    tail = rest[-_KEY_LIMIT:]
    opened = tail.rstrip("[(\"' ")
    said = opened[-1:] in (":", "=")
    opened = opened.rstrip(":= ").rstrip("\"'")
    pieces = _DELIMITER.split(opened)
    phrase = pieces[-1].strip(_BARE)
    before = opened[: len(opened) - len(pieces[-1])]
    split = split_told(before) or split
    if match := _IN_PARENTHESES.fullmatch(phrase):
        told = split_told(match[2])
        phrase, split = (match[1], told) if told else (phrase, split)
    if not said:
        phrase = last_words(phrase)
    elif phrase.count(" ") >= _WORDS_LIMIT:
        phrase = ""
    split = split_of(phrase) or split_told(phrase) or split
    name, factor = without_unit(phrase)
    known = factor != 1.0 and unit.factor == 1.0
    return name, factor if known else unit.factor, split
