"""Configurations as consoles print them.

That is ``Config: lr=0.1, batch_size=64``, ``Namespace(...)``, a dictionary, one setting a line
below a heading, or the command that was run.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = (
    r"config(?:uration|s)?|cfg|args?|arguments?|options?|opts?|hyper[-_ ]?param(?:eter)?s|hparams?"
    r"|settings?|param(?:eter)?s|namespace|flags"
)
_ANNOUNCES = re.compile(
    rf"\W{{0,40}}(?:[\w-]{{1,30}} ){{0,3}}\w{{0,30}}?(?:{_NAMES})\b"
    r"(?:\W*$| ?[:=(\[] ?|\]? (?=[\w.-]{1,40}=|\{))"
    rf"(?:[\w.]{{0,40}}(?:{_NAMES})\()?",
    re.IGNORECASE,
)
"""How a line begins that tells a configuration, or announces the lines of one."""

_MAYBE = re.compile(r"conf|cfg|arg|opt|param|setting|namespace|flags|\.py ", re.IGNORECASE)

_COMMAND = re.compile(r"(?:^|[\s/])[\w./-]{1,200}\.py (?=.{0,2000}--\w)")
_OPTION = re.compile(r"--?([A-Za-z][\w.-]{0,80})(?:=(.*))?")

_PAIR = re.compile(r"['\"]?([A-Za-z_][\w.\-/ ]{0,80}?)['\"]? ?[:=] ?(\S.{0,2000})")
_ALONE = re.compile(
    r"\W{0,4}['\"]?([A-Za-z_][\w.\-/]{0,80})['\"]? ?(?:[:=]|\.{3,}) ?([^\s,]{1,200}),?"
)

_FEWEST = 2
"""Settings that make a line a configuration: "options: verbose=1" may be anything."""

_BLOCK_LIMIT = 400
"""Lines that are read below a heading: the largest printed configurations have some hundred."""

_DEPTH_LIMIT = 4

_NO_SETTINGS = frozenset({"event", "config", "trainmon", "step", "epoch", "time"})
"""Names that would be taken for something else."""

_WORDS = {"true": True, "false": False, "none": None, "null": None}

Settings = dict[str, Any]


class PrintedSettings:
    """Finds a configuration among the lines of a console. Owned by one source."""

    def __init__(self) -> None:
        self._left = 0  # lines that may still belong to the block below a heading
        self._seen: set[str] = set()

    def take(self, text: str) -> Settings | None:
        """Return the settings that a line tells; None for a line of something else."""
        if self._left:
            if (match := _ALONE.fullmatch(text)) and match[1] not in self._seen | _NO_SETTINGS:
                self._left -= 1
                self._seen.add(match[1])
                return {match[1]: _value(match[2])}
            self._left = 0
        if not _MAYBE.search(text[:_LOOKED_AT]):
            return None
        if match := _ANNOUNCES.match(text):
            rest = text[match.end() :].strip()
            if not rest or rest in {"{", "("}:
                self._left, self._seen = _BLOCK_LIMIT, set()
                return {}
            return _several(dict(_pairs(rest.removesuffix(")"), 0)))
        if ".py " in text and (match := _COMMAND.search(text)):
            return _several(dict(_options(text[match.end() :])))
        return None


_LOOKED_AT = 400
"""Characters of a line within which a word has to speak of a configuration."""


def _several(settings: Settings) -> Settings | None:
    return settings if len(settings) >= _FEWEST else None


def _pairs(text: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the settings of a text, whatever stands between them.

    >>> dict(_pairs("lr=0.1, betas=(0.9, 0.99), optim: Adam | amp=True", 0))
    {'lr': 0.1, 'betas': '(0.9, 0.99)', 'optim': 'Adam', 'amp': True}
    >>> dict(_pairs("{'lr': 1e-3, 'sched': {'name': 'cosine'}}", 0))
    {'lr': 0.001, 'sched': {'name': 'cosine'}}
    >>> dict(_pairs("lr=0.1 batch_size=32", 0))
    {'lr': 0.1, 'batch_size': 32.0}
    """
    if text.startswith("{"):
        text = text[1:].removesuffix("}")
    for piece in _cut(text):
        words = piece.split(" ") if piece.count("=") > 1 and "(" not in piece else [piece]
        for word in words:
            match = _PAIR.fullmatch(word.strip())
            if match is None or match[1] in _NO_SETTINGS:
                continue
            name, told = match[1].replace(" ", "_"), match[2]
            if told.startswith("{") and depth < _DEPTH_LIMIT:
                yield name, dict(_pairs(told, depth + 1))
            elif name != "loss" or isinstance(_value(told), str):
                yield name, _value(told)


def _cut(text: str) -> Iterator[str]:
    """Yield what stands between separators, brackets and quotes being kept together."""
    begin = depth = 0
    quote = ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign in ",;|" and depth <= 0:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def _options(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the options of a command.

    >>> dict(_options("data.yaml --lr 3e-4 --batch-size=32 --amp --decay -1"))
    {'lr': 0.0003, 'batch_size': 32.0, 'amp': True, 'decay': -1.0}
    """
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    for word, following in zip(words, [*words[1:], "--"], strict=True):
        match = _OPTION.fullmatch(word)
        if match is None or match[1] in _NO_SETTINGS:
            continue
        name = match[1].replace("-", "_")
        if match[2] is not None:
            yield name, _value(match[2])
        else:
            yield (
                name,
                True if _OPTION.fullmatch(following) or following == "--" else _value(following),
            )


def _value(told: str) -> float | str | bool | None:
    told = told.strip().rstrip(",").strip("'\"")
    if told.lower() in _WORDS:
        return _WORDS[told.lower()]
    try:
        return float(told)
    except ValueError:
        return told


def news_in(told: Mapping[str, Any], known: Mapping[str, Any], *, begun: bool) -> Settings:
    """Return the settings that are news; once training has `begun`, those that are new alone.

    A line that tells the present rate at each epoch would change the configured one.
    """
    missing = object()
    return {
        name: value
        for name, value in told.items()
        if (name not in known if begun else known.get(name, missing) != value)
    }
