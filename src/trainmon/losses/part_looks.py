"""When the parts of a loss are looked at: after evaluations, and after every so many samples."""

from dataclasses import dataclass, replace

from trainmon.context import Context
from trainmon.courses.seldom import at_growing_gaps
from trainmon.losses.parts import Part
from trainmon.rule import Block

_TILE = 25
"""Cells of one look, 200 samples."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: the records from one row to another."""

    row: int
    first_row: int
    evaluation: bool
    """Whether it is after an evaluation."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The evaluations so far."""

    read: int = 0
    """How many."""
    last_row: int = -1
    """The row of the last one."""

    def after(self, rows: list[int]) -> "Evaluated":
        """Return it with some more of them, by their rows."""
        return replace(self, read=self.read + len(rows), last_row=rows[-1]) if rows else self

    def looks(self, part: Part, rows: list[int], context: Context, block: Block) -> list[Look]:
        """Return what is to be looked at, in order of rows; `rows` are those of new evaluations.

        The cells of one part tell when there are samples enough.
        """
        cells, found = block.digest(part.metric), list[Look]()
        before = cells.count - len(cells)
        for count in at_growing_gaps(before + cells.since(block.start), cells.count, _TILE):
            index = count - before - 1
            first = int(cells.first_rows[max(0, index + 1 - _TILE)])
            found.append(Look(int(cells.rows[index]), first, evaluation=False))
        upto = self.read + len(rows)
        seldom = set(at_growing_gaps(self.read - 1, upto)) if rows else set[int]()
        # Two in a row, since one may be a bad draw.
        for number in sorted({*seldom, *(count + 1 for count in seldom)}):
            index = number - self.read - 1
            if 0 <= index < len(rows):
                last = rows[index - 1] if index else self.last_row
                first = max(last + 1, context.baseline_row)
                found.append(Look(rows[index], first, evaluation=True))
        return sorted(found, key=lambda look: (look.row, look.evaluation))
