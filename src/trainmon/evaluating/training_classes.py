"""How frequent the classes are in the training data, as far as a log tells."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.evaluating.event import evaluation_of
from trainmon.evaluating.fields import CLASSES_LIMIT, count, shares
from trainmon.record import EventKind
from trainmon.rule import Block
from trainmon.store.batch import LogEvent

Frequencies = tuple[float, ...]
"""Samples by class index."""

_LIST = re.compile(r"[\[(]\s*\d[\d\s.,e+]*[\])]")

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e\+?\d+)?")

_BINARY = {
    **dict.fromkeys(("0", "neg", "negative", "negatives", "false", "background"), 0),
    **dict.fromkeys(("1", "pos", "positive", "positives", "true", "foreground"), 1),
}

_EVENTS_LOOKED_AT = 200
"""Events looked back over for evaluations and batches of the training data."""


def training_classes(context: Context, block: Block, row: int) -> Frequencies:
    """Return the samples of each class that are trained on; empty where nobody tells.

    The configuration tells them as ``class_counts``, or an evaluation of the split ``train``.
    """
    return configured_classes(context.settings) or _evaluated(block, row)


def configured_classes(settings: Mapping[str, Setting]) -> Frequencies:
    """Return the counts that a configuration tells, from a list or from an object by class.

    >>> configured_classes({"class_counts": "[7760, 240]"})
    (7760.0, 240.0)
    >>> configured_classes({"class_counts/pos": 240, "class_counts/neg": 7760})
    (7760.0, 240.0)
    """
    told = settings.get("class_counts")
    if isinstance(told, str) and _LIST.fullmatch(told.strip()):
        counts = tuple(float(digits) for digits in _NUMBER.findall(told))
        return counts if 1 < len(counts) <= CLASSES_LIMIT and sum(counts) > 0 else ()
    marker = "class_counts/"
    by_class = {
        name.rpartition(marker)[2].lower(): samples
        for name, value in settings.items()
        if marker in name and (samples := count(value)) is not None
    }
    return _by_index(by_class)


def seen_classes(block: Block, row: int) -> Frequencies:
    """Return the samples of each class in the training batches that the log shows (``outputs``)."""
    counts: list[float] = []
    for event in _recent(block, row):
        if event.kind == EventKind.OUTPUTS:
            told, n = shares(event.fields.get("label_shares")), count(event.fields.get("n"))
            counts = counts or [0.0] * len(told)
            if n and len(told) == len(counts):
                counts = [before + part * n for before, part in zip(counts, told, strict=True)]
    return tuple(counts) if sum(counts) > 0 else ()


def _by_index(by_class: Mapping[str, int]) -> Frequencies:
    """Return counts in the order of the classes, if their names tell one."""
    if not 1 < len(by_class) <= CLASSES_LIMIT:
        return ()
    if all(name.isascii() and name.isdigit() for name in by_class):
        ordered = [float(by_class[name]) for name in sorted(by_class, key=int)]
    elif sorted(_BINARY.get(name, -1) for name in by_class) == [0, 1]:
        ordered = [float(by_class[name]) for name in sorted(by_class, key=_BINARY.__getitem__)]
    else:
        return ()
    return tuple(ordered) if sum(ordered) > 0 else ()


def _evaluated(block: Block, row: int) -> Frequencies:
    """Return the classes of the last evaluation of the training data."""
    for event in reversed(_recent(block, row)):
        if event.kind == EventKind.EVALUATION and event.fields.get("split") == "train":
            told = evaluation_of(event)
            if told.actual and told.n:
                return tuple(part * told.n for part in told.actual)
    return ()


def _recent(block: Block, row: int) -> Sequence[LogEvent]:
    """Return the last events up to a row."""
    events = block.lane.events
    upto = bisect_right(events, row, key=lambda event: event.row)
    return events[max(0, upto - _EVENTS_LOOKED_AT) : upto]
