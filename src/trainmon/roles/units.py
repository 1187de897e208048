"""Units that names tell: endings that are converted, and what is in percent by convention."""

import re
from functools import lru_cache

from trainmon.roles.name import NAMES_CACHED

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "msec": 1e-3,
    "millis": 1e-3,
    "milliseconds": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "mins": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}

_BYTES = {
    # Trainers that print MB divide by 1024 twice, as torch's own examples do.
    **dict.fromkeys(("kb", "kib"), 2.0**10),
    **dict.fromkeys(("mb", "mib"), 2.0**20),
    **dict.fromkeys(("gb", "gib"), 2.0**30),
    **dict.fromkeys(("b", "bytes"), 1.0),
}

_IN_BRACKETS = re.compile(r"[ _]?[(\[](?P<unit>[a-zµ]{1,12})[)\]]$", re.IGNORECASE)
_ENDING = re.compile(r"(?<=[a-z0-9])[_ ](?P<unit>[a-zµ]{2,12})$", re.IGNORECASE)
_PER = re.compile(
    r"^(?P<above>.*/)?ms(?P<per>(?:_per_|/)(?:step|iter|iteration|it|batch))$", re.IGNORECASE
)

_TIMED = re.compile(
    r"time|timing|latency|duration|elapsed|wall|wait|load|forward|backward|fwd|bwd|step|iter|comm"
    r"|eta|(?:^|[/_])dt",
    re.IGNORECASE,
)
_OF_A_STEP = re.compile(r"(?:^|/)(?:train_)?(?:step|iter|iteration|batch|data)$", re.IGNORECASE)
"""What is a count or data where no unit stands behind it, and the time of it where one does."""

_STORED = re.compile(r"mem|vram|rss|alloc|reserved|cache|peak|swap", re.IGNORECASE)
_RATE = re.compile(r"per[_ ]?$|/$", re.IGNORECASE)

_PERCENT = re.compile(
    r"(?:^|[/_@])(?:acc|prec|accuracy_top_|accuracy/top|top_?)@?[135]$|class_error|acc_seg"
    r"|^(?:bbox|segm|keypoints|sem_seg|panoptic_seg)/|(?:^|[/_])aacc$|sacrebleu|percent|pct|%"
)
"""Accuracies as timm, torchvision and mmpretrain print them, detectron2's evaluators and DETR's
error. What has a plain name, such as ``acc``, is a share in one project and percent in another."""


@lru_cache(maxsize=NAMES_CACHED)
def normalised(name: str) -> tuple[str, float]:
    """Return a name without the unit at its end, and the factor to seconds or bytes.

    What ends like a unit but measures neither time nor memory stays as it is, and so does what is
    in seconds or bytes already, unless the unit stands in brackets.

    >>> normalised("iter_time_ms"), normalised("memory (GiB)"), normalised("ms/step")
    (('iter_time', 0.001), ('memory', 1073741824.0), ('time/step', 0.001))
    >>> normalised("step_ms"), normalised("time/data_ms")
    (('step_time', 0.001), ('time/data_time', 0.001))
    >>> normalised("loss_ms"), normalised("eta_seconds"), normalised("metrics/mAP50(B)")
    (('loss_ms', 1.0), ('eta_seconds', 1.0), ('metrics/mAP50(B)', 1.0))
    """
    if match := _PER.match(name):
        return f"{match['above'] or ''}time{match['per']}", 1e-3
    if match := _IN_BRACKETS.search(name):
        return _converted(name, match, in_brackets=True)
    if match := _ENDING.search(name):
        return _converted(name, match, in_brackets=False)
    return name, 1.0


def _converted(name: str, match: re.Match[str], *, in_brackets: bool) -> tuple[str, float]:
    stem, unit = name[: match.start()], match["unit"].lower()
    if not stem or _RATE.search(stem):
        return name, 1.0
    for factors, measures in ((_SECONDS, _TIMED), (_BYTES, _STORED)):
        factor = factors.get(unit)
        # Brackets of several letters hold a unit; one letter may be a class or a size.
        sure = in_brackets and len(unit) > 1
        if factor is None:
            continue
        # "batch_min" is a least batch sooner than the minutes of one.
        timed = factors is _SECONDS and factor <= 1.0 and _OF_A_STEP.search(stem)
        if timed or sure or measures.search(stem):
            stem = f"{stem}_time" if timed else stem
            return (stem, factor) if in_brackets or factor != 1.0 else (name, 1.0)
    return name, 1.0


def is_percent(key: str) -> bool:
    """Return whether a metric is in percent by convention; `key` is its name as `spelled`."""
    return bool(_PERCENT.search(key))
