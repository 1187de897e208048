"""What the evaluations of a run have said so far of whether it learns."""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.learning.at_chance import Says, Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """What evaluations said since the baseline."""

    number: int = 0
    """Of evaluations, also those that were not looked at."""
    informed: bool = False
    """Whether one of them has told anything by a chance level."""
    guesses: int = 0
    """Those in a row that were at chance."""
    since: int = 0
    """The row of the first of these."""
    apart: int = 0
    """Those in a row that were at chance while the training loss fell."""
    learned: bool = False
    """Whether the last of them showed that the model has learned."""
    in_a_row: int = 0
    """Those up to the last one that have shown it one after the other."""
    most_in_a_row: int = 0
    """The most that ever did: single ones may be luck."""
    first: float = np.nan
    """The first validation loss, and the range of those that were looked at."""
    low: float = np.inf
    high: float = -np.inf

    def after(self, found: Verdict, row: int, number: int) -> "Said":
        """Return this with what the evaluation of a number says."""
        said = replace(self, number=number, learned=found.says == Says.LEARNED)
        if found.loss is not None:
            first = found.loss if np.isnan(self.first) else self.first
            low, high = min(self.low, found.loss), max(self.high, found.loss)
            said = replace(said, first=first, low=low, high=high)
        known = found.metric is not None or (found.loss is not None and found.chance is not None)
        said = replace(said, informed=self.informed or known)
        if found.says == Says.NOTHING:
            return said
        if found.says == Says.LEARNED:
            in_a_row = self.in_a_row + 1
            return replace(
                said,
                guesses=0,
                in_a_row=in_a_row,
                most_in_a_row=max(self.most_in_a_row, in_a_row),
            )
        since = self.since if self.guesses else row
        return replace(said, guesses=self.guesses + 1, since=since, in_a_row=0)

    def passed(self, number: int) -> "Said":
        """Return this with an evaluation that needs no look: the run goes on."""
        return replace(self, number=max(number, self.number), guesses=0)

    def with_fall(self, *, apart: bool) -> "Said":
        """Return this with whether the training loss fell beside the last one, at chance."""
        return replace(self, apart=self.apart + 1 if apart else 0)
