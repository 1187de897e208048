"""The table of a benchmark: what was measured, its budget, and what stands beside it."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_HEADS = ("what", "measured", "budget", "", "ratio", "beside")

Measure = Callable[[bool], Sequence["Row"]]
"""Measures, quickly or thoroughly, and returns the rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. The budget is in its unit, or a ratio to what stands beside it."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    beside: float | None = None
    """The same figure of `named`."""
    named: str = ""
    as_ratio: bool = False
    """Whether the budget limits the ratio."""
    said: str = ""
    """Why there is no figure; empty if there is one."""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of what stands beside it."""
        return self.value / self.beside if self.beside else None

    @property
    def verdict(self) -> str:
        """Whether the figure is within its budget, if it has one."""
        if self.said:
            return ""
        judged = self.ratio if self.as_ratio else self.value
        if self.budget is None or judged is None:
            return ""
        return "within" if judged <= self.budget else "OVER"

    def cells(self) -> tuple[str, ...]:
        """Return the row in words."""
        if self.said:
            return self.what, self.said, "", "", "", ""
        budget = "" if self.budget is None else f"{self.budget:g} {'x' if self.as_ratio else ''}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x"
        beside = "" if self.beside is None else f"{self.named} {self.beside:.3g} {self.unit}"
        measured = f"{self.value:.3g} {self.unit}"
        return self.what, measured, budget.strip(), self.verdict, ratio, beside


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def markdown(rows: Sequence[Row]) -> str:
    """Return rows as a table for the README."""
    lines = [_HEADS, ("---",) * len(_HEADS), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(map(str.strip, line))} |\n" for line in lines)


def write_table(rows: Sequence[Row]) -> None:
    """Print rows in aligned columns."""
    lines = [_HEADS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def main(measure: Measure) -> None:
    """Run one benchmark as a script; `--quick` takes a part of the time."""
    write_table(measure("--quick" in sys.argv[1:]))
