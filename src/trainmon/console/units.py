"""Units behind numbers and at the ends of names: durations in seconds, memory in bytes."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands behind a number."""

    length: int = 0
    """Characters of the text that belong to it."""
    factor: float = 1.0
    metric: str = ""
    """The metric that a rate tells by itself, such as tokens per second."""


NO_UNIT = Unit()

_SECONDS = {
    **dict.fromkeys(("ns", "nsec"), 1e-9),
    **dict.fromkeys(("us", "µs", "usec"), 1e-6),
    **dict.fromkeys(("ms", "msec", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hours"), 3600.0),
}
_BYTES = {"B": 1.0, "KB": 1e3, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12} | {
    f"{prefix}iB": 1024.0**power for power, prefix in enumerate("KMGT", start=1)
}
_SCALES = {"k": 1e3, "K": 1e3, "M": 1e6}
_SAMPLES = ("sample", "samples", "img", "imgs", "images", "examples", "ex", "")
_COUNTED = {
    **dict.fromkeys(("it", "its", "iter", "iters", "step", "steps", "batch"), "steps_per_second"),
    **dict.fromkeys(("tok", "toks", "token", "tokens"), "tokens_per_second"),
    **dict.fromkeys(_SAMPLES, "samples_per_second"),
}
_STEPS = ("it", "iter", "step", "batch", "iteration")

_WORD = re.compile(r"[A-Za-zµ]{0,12}(?:/[A-Za-z]{1,12})?")
_IN_NAME = re.compile(
    r"(.*\S)[ _]?(?:\(([A-Za-zµ]{1,4})\)"
    r"|_(ns|us|ms|sec|seconds|GB|MB|GiB|MiB|gb|mb))"
)


def unit_before(text: str) -> Unit | None:
    """Return the unit with which a text begins; None where a word is glued on that is none.

    >>> unit_before("ms | loss"), unit_before("D conv"), unit_before(", acc")
    (Unit(length=2, factor=0.001, metric=''), None, Unit(length=0, factor=1.0, metric=''))
    """
    if text[:1] == "%":
        return Unit(1)
    blank = text[:1] == " "
    match = _WORD.match(text, int(blank))
    word = match.group() if match else ""
    if not word:
        return None if text[:1].isalnum() or text[:1] == "_" else NO_UNIT
    end = int(blank) + len(word)
    alone = not (text[end : end + 1].isalnum() or text[end : end + 1] in ("_", ":", "="))
    unit = _known(word, end, glued=not blank) if alone else None
    return unit or (NO_UNIT if blank else None)


def _known(word: str, length: int, *, glued: bool) -> Unit | None:
    counted, slash, per = word.partition("/")
    if slash:
        if per in ("s", "sec", "second"):
            scale = _SCALES.get(counted[:1], 1.0) if counted[1:] in _COUNTED else 1.0
            name = _COUNTED.get(counted) or _COUNTED.get(counted[1:])
            return Unit(length, scale, name) if name else None
        if per in _STEPS and counted in _SECONDS:
            return Unit(length, _SECONDS[counted], "step_time")
        return None
    factor = _SECONDS.get(word) or _BYTES.get(word) or (_SCALES.get(word) if glued else None)
    return Unit(length, factor) if factor else None


def without_unit(name: str) -> tuple[str, float]:
    """Return a name without the unit it ends in, and the factor to seconds or bytes.

    >>> without_unit("elapsed time per iteration (ms)"), without_unit("coco/AP (M)")
    (('elapsed time per iteration', 0.001), ('coco/AP (M)', 1.0))
    """
    match = _IN_NAME.fullmatch(name)
    if not match:
        return name, 1.0
    unit = match[2] or match[3]
    factor = _SECONDS.get(unit) or _BYTES.get(unit) or _BYTES.get(unit.upper())
    return (match[1], factor) if factor and unit != "B" else (name, 1.0)
