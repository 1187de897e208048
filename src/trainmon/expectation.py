"""What a user expects of a metric beforehand: what ``"> 0.1 by epoch 10"`` means.

The writer checks it at the start, the rule `expectation-missed` reads it from the configuration.
They share this grammar and nothing else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from operator import ge, gt, le, lt
from typing import Literal

Comparison = Literal[">", ">=", "<", "<="]
Unit = Literal["epoch", "step"]

_SPELLINGS: dict[Comparison, tuple[str, ...]] = {
    ">": (">", "above", "over", "more than"),
    ">=": (">=", "≥", "at least"),
    "<": ("<", "below", "under", "less than"),
    "<=": ("<=", "≤", "at most"),
}
_HOLDS: dict[Comparison, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_COMPARISONS = {word: comparison for comparison, words in _SPELLINGS.items() for word in words}
_UNITS: dict[str, Unit] = {"epoch": "epoch", "epochs": "epoch", "step": "step", "steps": "step"}

_NUMBER = r"[+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_EXPECTATION = re.compile(
    rf"(?P<comparison>[<>]=?|[≤≥]|[a-z]+(?: [a-z]+)?) ?(?P<bound>{_NUMBER})"
    rf"(?: (?:by|before|at) (?P<unit>[a-z]+) (?P<deadline>{_NUMBER}))?"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A bound that a metric is expected to have crossed by some point of the training."""

    comparison: Comparison
    bound: float
    unit: Unit | None = None
    """What the deadline counts; None if the end of the run is the deadline."""
    deadline: float | None = None

    def is_met_by(self, value: float) -> bool:
        """Return whether a value is on the right side of the bound; NaN never is.

        >>> Expectation(">=", 0.5).is_met_by(0.5)
        True
        """
        return _HOLDS[self.comparison](value, self.bound)


def expectation(text: str) -> Expectation:
    """Return what `text` says. Raises `ValueError` if that cannot be told.

    >>> expectation("> 0.1 by epoch 10")
    Expectation(comparison='>', bound=0.1, unit='epoch', deadline=10.0)
    >>> expectation("at least .5")
    Expectation(comparison='>=', bound=0.5, unit=None, deadline=None)
    """
    found = _EXPECTATION.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise ValueError("it is not of the form '> number by epoch number'")
    comparison = _COMPARISONS.get(found["comparison"])
    if comparison is None:
        raise ValueError(f"{found['comparison']!r} is no comparison")
    bound = _number(found["bound"])
    if found["unit"] is None:
        return Expectation(comparison, bound)
    unit = _UNITS.get(found["unit"])
    if unit is None:
        raise ValueError(f"{found['unit']!r} is neither epoch nor step")
    deadline = _number(found["deadline"])
    if deadline <= 0:
        raise ValueError(f"{unit} {found['deadline']} comes before the training does anything")
    return Expectation(comparison, bound, unit, deadline)


def _number(digits: str) -> float:
    number = float(digits.replace(",", ""))
    if not isfinite(number):
        raise ValueError(f"{digits} is too large a number")
    return number
