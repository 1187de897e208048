"""Lines that several processes print into one console, taken once."""

from trainmon.console.numbers import apart
from trainmon.console.prefix import Line

_SHAPES_LIMIT = 2_000
"""Kinds of lines of which the speaker is remembered: a log has some dozen."""


class Ranks:
    """Lets pass each kind of line from the rank that printed it first. Owned by one source."""

    def __init__(self) -> None:
        self.repeated = 0
        """Lines left out, as another rank tells the same."""
        self._speakers: dict[str, int] = {}

    def repeats(self, line: Line) -> bool:
        """Return whether a line is of a kind that another rank tells."""
        if line.rank is None:
            return False
        texts, numbers = apart(line.text)
        kind = "#".join(texts).replace(" ", "")
        if not numbers or (kind not in self._speakers and len(self._speakers) >= _SHAPES_LIMIT):
            return False
        if self._speakers.setdefault(kind, line.rank) == line.rank:
            return False
        self.repeated += 1
        return True
