"""Families of metrics that must differ: a rate at several operating points, hits among the best k.

``fpr@tpr.5``, ``fpr@tpr.7`` and ``fpr@tpr.85`` measure one curve at three points; scores that are
apart give three values.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from trainmon.context import Context
from trainmon.roles import Role

_MEMBER = re.compile(
    r"^(?P<stem>.*?(?:fpr|fnr|tnr|tpr|recall|precision|hits?|r|p|ndcg|map|top)[_ ]?@[_ ]?"
    r"(?:tpr|fpr|fnr|tnr|recall|precision|r|p|k|top)?)[_ =]?"
    r"(?P<point>\d*[._]?\d+(?:e[-_]?\d+)?%?)$",
    re.IGNORECASE,
)


def families(context: Context) -> Mapping[str, Sequence[str]]:
    """Return the families of a run with at least two members, by the stem of their names."""
    return _families(context.names(Role.VAL_METRIC))


@lru_cache(maxsize=64)
def _families(names: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return them.

    >>> dict(_families(("val/fpr@tpr.5", "val/fpr@tpr.85", "val/f1", "val/recall@5")))
    {'val/fpr@tpr': ('val/fpr@tpr.5', 'val/fpr@tpr.85')}
    """
    found: dict[str, list[str]] = {}
    for name in names:
        match = _MEMBER.match(name)
        if match:
            found.setdefault(match["stem"].lower(), []).append(name)
    several = {stem: tuple(members) for stem, members in found.items() if len(members) > 1}
    return MappingProxyType(several)


def point_of(name: str) -> float | None:
    """Return at which rate an operating point lies; None of a number of best ones.

    >>> point_of("val/fpr@tpr.85"), point_of("val/tpr@fpr1e-4"), point_of("val/recall@5")
    (0.85, 0.0001, None)
    """
    match = _MEMBER.match(name)
    if match is None:
        return None
    text = match["point"].lower().replace("_", "-" if "e" in match["point"].lower() else ".")
    value = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    return value if value < 1 else None
