"""How the settings of two runs differ, the likelier causes of trouble first.

harm = prior x |log ratio| for numbers, prior x log 4 for what is no number or is switched off.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose, isfinite, log
from typing import TypeGuard

from trainmon.comparison.derived import QUANTITIES
from trainmon.comparison.priors import prior_of
from trainmon.comparison.wording import figure, fold, spelled
from trainmon.configuration import OF_REFERENCE, READ_KEYS, Setting, read_as

Settings = Mapping[str, Setting]

_CHANGED = log(4)
"""What another word weighs: as much as a number that is four times larger."""

_UNTOLD = 0.5
"""What is told of one run alone may be the other one's default: it counts half."""

_SAME = 1e-6
"""Relative difference of numbers that are the same, written in another precision."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a run has and another one has otherwise."""

    name: str
    here: Setting
    """As it is in the run that is looked at; None where it is told of the other alone."""
    there: Setting
    harm: float
    """How likely it is why the run goes worse, as a number to sort by; 0 for what never is."""
    text: str
    """The difference in words: ``LR per sample 40x smaller: 7.81e-7 against 3.13e-5``."""
    only: bool = False
    """Whether one of the two runs tells nothing of it."""


def differences(here: Settings, there: Settings) -> tuple[Difference, ...]:
    """Return what differs, the most harmful first.

    >>> good = {"lr": 2.5e-4, "batch_size": 2.0, "accum": 4.0}
    >>> bad = {"lr": 1e-4, "batch_size": 16.0, "accum": 8.0}
    >>> for difference in differences(bad, good)[:3]:
    ...     print(difference.text)
    LR per sample 40x smaller: 7.81e-7 against 3.13e-5 (1e-4 / 128 against 2.5e-4 / 8)
    LR per root of the batch 10x smaller: 8.84e-6 against 8.84e-5
    effective batch 16x larger: 128 against 8 (16 x 8 against 2 x 4)
    """
    derived = tuple(_derived(here, there))
    named = {difference.name for difference in derived}
    replaced = {name for each in QUANTITIES if each.name in named for name in each.replaces}
    told = (difference for difference in _told(here, there) if difference.name not in replaced)
    return tuple(sorted((*derived, *told), key=lambda each: -each.harm))


def _derived(here: Settings, there: Settings) -> Iterator[Difference]:
    for quantity in QUANTITIES:
        ours, theirs = quantity.of(here), quantity.of(there)
        if not ours or not theirs or isclose(ours, theirs, rel_tol=_SAME):
            continue
        if quantity.is_told(here, there):
            text = _numbers(quantity.name, ours, theirs)
            how = tuple(filter(None, (quantity.how(here), quantity.how(there))))
            if len(how) > 1:
                text += f" ({' against '.join(how)})"
            harm = quantity.prior * abs(log(ours / theirs))
            yield Difference(quantity.name, ours, theirs, harm, text)


def _told(here: Settings, there: Settings) -> Iterator[Difference]:
    ours, theirs = _by_one_name(here, there), _by_one_name(there, here)
    for name in dict.fromkeys((*ours, *theirs)):
        prior = prior_of(name)
        if name not in ours or name not in theirs:
            told = ours.get(name, theirs.get(name))
            pair = (spelled(told), "nothing told")
            text = f"{name}: {' against '.join(pair if name in ours else pair[::-1])}"
            harm = prior * _UNTOLD * _CHANGED
            yield Difference(name, ours.get(name), theirs.get(name), harm, text, only=True)
            continue
        mine, other = ours[name], theirs[name]
        if _same(mine, other):
            continue
        if _is_number(mine) and _is_number(other) and mine * other > 0:
            weight, text = abs(log(mine / other)), _numbers(name, mine, other)
        else:
            weight, text = _CHANGED, f"{name}: {spelled(mine)} against {spelled(other)}"
        yield Difference(name, mine, other, prior * weight, text)


def _numbers(name: str, ours: float, theirs: float) -> str:
    return f"{name} {fold(ours / theirs)}: {figure(ours)} against {figure(theirs)}"


def _same(ours: Setting, theirs: Setting) -> bool:
    if _is_number(ours) and _is_number(theirs):
        return isclose(ours, theirs, rel_tol=_SAME)
    return ours == theirs or str(ours) == str(theirs)  # two NaN are one word


def _is_number(setting: Setting) -> TypeGuard[float]:
    if isinstance(setting, bool) or not isinstance(setting, (int, float)):
        return False
    return isfinite(setting)


def _by_one_name(settings: Settings, others: Settings) -> dict[str, Setting]:
    """Return settings, each by one name alone: the one rules read, or its last level if it can.

    Settings hold what is nested by its path and by its last level. The path is left out where that
    level is of one setting in either run, so that runs nested differently can be compared.
    """
    many = {
        key
        for each in (settings, others)
        for key, count in Counter(read_as(name) for name in each if name != read_as(name)).items()
        if count > 1
    }
    return {
        name: value
        for name, value in settings.items()
        if not name.startswith(OF_REFERENCE) and _counts(name, settings, many)
    }


def _counts(name: str, settings: Settings, many: set[str]) -> bool:
    key = read_as(name)
    if key == name:
        return key in READ_KEYS or key not in many
    return key in many and (key not in READ_KEYS or not _same(settings[name], settings.get(key)))
