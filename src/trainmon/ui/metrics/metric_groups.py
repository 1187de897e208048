"""The metrics of a run in groups: by the first part of their names, pinned ones first."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from trainmon.ui.names import folded

PINNED = "pinned"
GENERAL = "general"
"""What the group is called of names that share their first part with no other."""

_RANKS = {
    PINNED: 0,
    **dict.fromkeys(("train", "training"), 1),
    **dict.fromkeys(("val", "valid", "validation", "eval", "test"), 2),
    GENERAL: 3,
    **dict.fromkeys(("sys", "system"), 5),
}
"""Where groups stand that do not stand in the order of their names."""

_IN_BETWEEN = 4
"""Where the others stand: layers, parts, and whatever else a run may log."""

_LOSS = "loss"
"""What comes first in its group; other names that hold it come next."""

_SPLITS = re.compile(r"((?:train|training|val|valid|validation|eval|test)(?=_)|[^/]*)[/_]?(.*)")
"""The first part of a name and the rest: "val/loss", and "eval_loss" as some frameworks have it."""

_KEPT = 8
"""Groupings that are remembered: those of the last few filters typed."""

_SEPARATORS = "./"
"""What stands between the parts of names."""

_FEW = 2
"""Names from which on there is something in common."""

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics that belong together."""

    name: str
    metrics: tuple[str, ...]
    begin: str = ""
    """What all of its names begin with below its heading."""

    def label(self, metric: str, width: int) -> str:
        """Return what a metric is called below the heading of this group, in about `width` cells.

        Where that is too long, what it has in common with all others of the group is left out
        first, then its middle: layers differ by their numbers, and by how their names end.

        >>> layers = Group("norm", ("norm/h.0.attn.weight", "norm/h.1.mlp.weight"), begin="h.")
        >>> [layers.label("norm/h.1.mlp.weight", width) for width in (14, 12, 9)]
        ['h.1.mlp.weight', '…1.ml…weight', '…1.m…ight']
        """
        name = _within(self.name, metric)
        if len(name) <= width:
            return name
        if self.begin and name.startswith(self.begin):
            name = f"…{name.removeprefix(self.begin)}"
        return folded(name, width)


@lru_cache(maxsize=_KEPT)
def grouped(
    names: tuple[str, ...], pins: tuple[str, ...] = (), wanted: str = ""
) -> tuple[Group, ...]:
    """Return the metrics whose names match, in groups; pinned ones in the order of their pinning.

    Nothing is grouped anew while names, pins and filter stay: that happens at each redraw.

    >>> for group in grouped(("lr", "val/f1", "train/loss", "val/loss"), pins=("lr",)):
    ...     print(group.name, *group.metrics)
    pinned lr
    val val/loss val/f1
    general train/loss
    """
    here = dict.fromkeys(name for name in names if matches(name, wanted))
    pinned = [name for name in pins if name in here]
    by_prefix = defaultdict(list)
    for name in here:
        if name not in pinned:
            by_prefix[_split(name)[0]].append(name)
    groups: dict[str, list[str]] = defaultdict(list)
    groups[PINNED] = pinned
    for prefix, members in by_prefix.items():
        groups[prefix if len(members) > 1 else GENERAL] += members
    ordered = sorted(groups.items(), key=lambda group: _place(group[0]))
    return tuple(_group(name, members) for name, members in ordered if members)


def matches(name: str, wanted: str) -> bool:
    """Return whether a name holds all words that are wanted; one with * or ? is the whole name.

    >>> matches("val/loss", "LOSS val"), matches("val/loss", "val*"), matches("val/loss", "l?ss")
    (True, True, False)
    """
    lower = name.lower()
    return all(_holds(lower, word) for word in wanted.lower().split())


def count(groups: Iterable[Group]) -> int:
    """Return how many metrics there are in some groups."""
    return sum(len(group.metrics) for group in groups)


def _group(name: str, members: list[str]) -> Group:
    metrics = tuple(members if name == PINNED else sorted(members, key=_in_group))
    return Group(name, metrics, _beginning([_within(name, each) for each in members]))


def _within(group: str, metric: str) -> str:
    """Return what a metric is called where the name of its group is known."""
    first, rest = _split(metric)
    return rest if rest and first == group and group not in (PINNED, GENERAL) else metric


def _beginning(names: list[str]) -> str:
    """Return the whole parts that names begin with; those of one part do not count."""
    names = [name for name in names if any(separator in name for separator in _SEPARATORS)]
    if len(names) < _FEW:
        return ""
    pairs = zip(min(names), max(names), strict=False)  # what lies between begins likewise
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), 0)
    return names[0][: max(names[0][:same].rfind(separator) for separator in _SEPARATORS) + 1]


def _holds(name: str, word: str) -> bool:
    if "*" in word or "?" in word:
        return fnmatchcase(name, word.replace("[", "[[]"))
    return word in name


def _place(group: str) -> tuple[int, list[tuple[int, str]]]:
    return _RANKS.get(group.lower(), _IN_BETWEEN), _natural(group)


def _in_group(name: str) -> tuple[int, bool, bool, list[tuple[int, str]]]:
    """Return the key by which metrics of a group are sorted: its loss first, then by name."""
    first, rest = _split(name)
    rank = _RANKS.get(first.lower(), _IN_BETWEEN)
    is_loss = (rest or first).lower() == _LOSS
    return rank, not is_loss, _LOSS not in name.lower(), _natural(name)


def _split(name: str) -> tuple[str, str]:
    """Return the first part of a name, by which it is grouped, and the rest.

    >>> _split("train/loss"), _split("eval_rewards/chosen"), _split("grad_norm")
    (('train', 'loss'), ('eval', 'rewards/chosen'), ('grad_norm', ''))
    """
    found = _SPLITS.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts names as people count: layer 2 comes before layer 10."""
    parts = _DIGITS.split(name.lower())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
