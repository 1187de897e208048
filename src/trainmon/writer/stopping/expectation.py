"""What the user expects of a run beforehand, such as ``"> 0.1 by epoch 10"``, checked at the start.

A typing error that came to light after ten epochs would have cost them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from trainmon.errors import WriterError

Comparison = Literal[">", ">=", "<", "<="]
Unit = Literal["epoch", "step"]

_SPELLINGS: dict[Comparison, tuple[str, ...]] = {
    ">": (">", "above", "over", "more than"),
    ">=": (">=", "≥", "at least"),
    "<": ("<", "below", "under", "less than"),
    "<=": ("<=", "≤", "at most"),
}
_COMPARISONS = {word: comparison for comparison, words in _SPELLINGS.items() for word in words}
_UNITS: dict[str, Unit] = {"epoch": "epoch", "epochs": "epoch", "step": "step", "steps": "step"}

_NUMBER = r"[+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_EXPECTATION = re.compile(
    rf"(?P<comparison>[<>]=?|[≤≥]|[a-z]+(?: [a-z]+)?) ?(?P<bound>{_NUMBER})"
    rf"(?: (?:by|before|at) (?P<unit>[a-z]+) (?P<deadline>{_NUMBER}))?"
)
_HINT = 'write "> 0.1 by epoch 10", "< 2.0 by step 500" or ">= 0.5", which is by the end'


@dataclass(frozen=True, slots=True)
class Expectation:
    """A bound that a metric is expected to have crossed by some point of the training."""

    comparison: Comparison
    bound: float
    unit: Unit | None = None
    """What the deadline counts; None if the end of the run is the deadline."""
    deadline: float | None = None


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


def expectations(expect: object) -> dict[str, str]:
    """Return the user's expectations, one text by metric, once all of them were understood.

    They are kept as they were written. Raises `WriterError`, with a hint, if one cannot be
    understood or `expect` is no mapping.

    >>> expectations({"val/f1": " > 0.1 by epoch 10 "})
    {'val/f1': '> 0.1 by epoch 10'}
    """
    if expect is None:
        return {}
    if not isinstance(expect, Mapping):
        kind = type(expect).__name__
        raise WriterError(f"expect is a {kind}", hint='give {"val/f1": "> 0.1 by epoch 10"}')
    texts = {str(metric): text for metric, text in expect.items()}
    for metric, text in texts.items():
        try:
            expectation(text)
        except (TypeError, ValueError, AttributeError) as error:
            raise WriterError(f"expect of {metric!r} is {text!r}: {error}", hint=_HINT) from None
    return {metric: text.strip() for metric, text in texts.items()}


def _number(digits: str) -> float:
    number = float(digits.replace(",", ""))
    if not isfinite(number):
        raise ValueError(f"{digits} is too large a number")
    return number
