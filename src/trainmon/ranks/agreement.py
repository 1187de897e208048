"""Whether several ranks tell one number alike, step by step, and what becomes of that."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainmon.finite import finite
from trainmon.rule import EventKind, Severity
from trainmon.store.batch import Floats, Rows


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the ranks have agreed on one metric."""

    alike: int = 0
    """Steps in a row on which they did, up to now."""
    changed: int = 0
    """In how many of them the number was another than before."""
    exact: int = 0
    """In how many of them it was another one of many digits, and the same to the last of these."""
    were_alike: bool = False
    differ: int = 0
    """Steps in a row on which they do not."""
    onset: int = 0
    """The row of the first of them."""
    number: float = np.nan
    """The last one that they told alike."""
    severity: Severity | None = None


NOTHING_SEEN = Agreement()


@dataclass(frozen=True, slots=True)
class Parting:
    """What becomes of an agreement at one step."""

    row: int
    onset: int
    kind: EventKind
    severity: Severity
    place: int
    """Of the step among those that were looked at."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts as agreeing, and how much of it makes a finding."""

    tolerance: float
    """Of the number."""
    known: int
    """Steps on which ranks agree, before it is said that they must."""
    few: int
    """Steps in a row on which they differ that are a warning."""
    many: int
    """Steps in a row that are an error."""
    known_exact: int
    """Steps on which they agree to the last of many digits: no two batches do even once."""

    def followed(
        self, state: Agreement, rows: Rows, numbers: Floats
    ) -> tuple[Agreement, list[Parting]]:
        """Return the state after some steps, and what became of the agreement in them.

        `numbers` are ranks x steps, NaN where a rank tells none; where fewer than two do, there is
        nothing to compare.
        """
        low, high = np.fmin.reduce(numbers, axis=0), np.fmax.reduce(numbers, axis=0)
        compared = np.isfinite(numbers).sum(axis=0) > 1
        alike = high - low <= self.tolerance * np.maximum(np.abs(low), np.abs(high))
        if not state.were_alike and not (alike & compared).any():
            return (NOTHING_SEEN if compared.any() else state), []
        found = list[Parting]()
        for place in np.flatnonzero(compared).tolist():
            row = int(rows[place])
            if alike[place]:
                exact = bool(high[place] == low[place])
                state = self._agreed(state, float(high[place]), exact=exact)
                kind = EventKind.CLEARED
                over = state.severity is not None and state.alike >= self.known
                told = state.severity if over else None
                state = replace(state, severity=None) if over else state
            else:
                before = state.severity
                state = self._differed(state, row)
                kind = EventKind.OPENED if before is None else EventKind.WORSENED
                told = state.severity if state.severity != before else None
            if told is not None:
                found.append(Parting(row, state.onset, kind, told, place))
        return state, found

    def _agreed(self, state: Agreement, number: float, *, exact: bool) -> Agreement:
        alike, changes = state.alike + 1, number != state.number
        changed = state.changed + changes
        told = state.exact + (exact and changes and _has_digits(number))
        # A number that stands still is alike by chance, such as a loss that is 0.
        known = alike >= self.known and 2 * changed > alike
        return replace(
            state,
            alike=alike,
            changed=changed,
            exact=told,
            were_alike=state.were_alike or known or told >= self.known_exact,
            differ=0,
            number=number,
        )

    def _differed(self, state: Agreement, row: int) -> Agreement:
        differ = state.differ + 1
        onset = row if differ == 1 and state.severity is None else state.onset
        severity = state.severity
        if state.were_alike and differ >= self.few:
            severity = severity or Severity.WARNING
        if state.were_alike and differ >= self.many:
            severity = Severity.ERROR
        return replace(
            state, alike=0, changed=0, exact=0, differ=differ, onset=onset, severity=severity
        )


def _has_digits(number: float) -> bool:
    """Return whether a number is told in so many digits that no other one is equal by chance.

    >>> _has_digits(0.6934), _has_digits(0.25)
    (True, False)
    """
    return float(f"{number:.3g}") != number


def parted(numbers: Floats, tolerance: float) -> NDArray[np.intp]:
    """Return which of some ranks tell another number than the middle one; all where none does.

    >>> parted(np.array([1.0, 1.0, 1.5, 1.0]), 1e-6).tolist()
    [2]
    >>> parted(np.array([1.0, 2.0]), 1e-6).tolist()
    [0, 1]
    """
    told = np.sort(finite(numbers))
    middle = told[len(told) // 2] if len(told) % 2 or len(told) > 2 else np.nan  # noqa: PLR2004 - of two neither is right
    near = np.abs(numbers - middle) <= tolerance * np.abs(middle)
    return np.flatnonzero(~near & np.isfinite(numbers))
