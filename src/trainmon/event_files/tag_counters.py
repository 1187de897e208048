"""Which of a log's tags count the run's steps, and which count something else.

Where each value has a counter of its own, one log may hold ``train/loss`` by step beside
``val/acc`` by epoch: in its order the steps then jump back and forth. What goes back behind
*itself* was done again; what only goes back behind *others* is counted otherwise, and stands where
the others are.
"""

import re
from math import nan

_OTHERWISE = re.compile(r"(?:\b|_)vs(?:\b|_)")
"""Names that say so: "lm loss vs samples" of Megatron, Keras' "evaluation_loss_vs_iterations"."""


class TagCounters:
    """Follows the counter of each tag. Owned by its source.

    Tags that count otherwise stand at the last step before them. If one of them goes on and on
    while the others are silent, as that of a second stage or fold does, it is counted on from
    there; and if those then come back behind it, it was they who counted something else.
    """

    def __init__(self) -> None:
        self.otherwise: set[str] = set()
        """The tags that do not count the run's steps, such as those of evaluations by epoch."""
        self._told: dict[str, int] = {}
        self._step = -1 << 63
        """The last step told by the tags that count steps."""
        self._offset = 0.0
        self._place = nan
        self._beside: dict[str, float] = {}
        """What is added to the counters of other tags seen since then."""
        self._leading = ""
        self._counted: dict[str, int] = {}
        """The number of the last value of tags that tell 0 each time: no step was given."""
        self._by_one: set[str] = set()
        """Tags whose counter began at 0 or 1 and rose by one each time."""

    def place(self, tag: str, step: int) -> float:
        """Return the step of the run at which a value with this tag and counter stands.

        NaN where nothing has counted steps so far.
        """
        before = self._told.get(tag)
        if step == 0 and before is not None and before == self._counted.get(tag, 0):
            step = self._counted[tag] = before + 1
        self._told[tag] = step
        if before is None:
            self._meet(tag, step)
        elif step != before + 1:
            self._by_one.discard(tag)
        if tag in self.otherwise:
            return self._place_beside(tag, step)
        if step < self._step:
            if before is not None and step < before:
                return self._begin_again(tag, step)
            self.otherwise.add(tag)
            return self._place_beside(tag, step)
        if step + self._offset < self._place and self._leading in self._beside:
            self._give_way(tag)
            return self._place_beside(tag, step)
        self._step = step
        self._place = step + self._offset
        if self._beside:
            self._beside.clear()
        return self._place

    def epoch(self, tag: str) -> float:
        """Return the epoch that a tag's counter tells if it seems to count epochs, else NaN."""
        counted_on = self._leading in self._beside
        counts = tag in self.otherwise and tag in self._by_one and not counted_on
        return float(self._told[tag]) if counts else nan

    def _meet(self, tag: str, step: int) -> None:
        """Take in the first value of a tag."""
        if step in {0, 1}:
            self._by_one.add(tag)
        if _OTHERWISE.search(tag):
            self.otherwise.add(tag)

    def _place_beside(self, tag: str, step: int) -> float:
        offset = self._beside.get(tag)
        if offset is None or step + offset < self._place:
            self._beside[tag] = self._place - step
        elif step + offset > self._place:
            self._place, self._leading = step + offset, tag
        return self._place

    def _begin_again(self, tag: str, step: int) -> float:
        """Take in that steps are done again: from here on all tags are new."""
        self.otherwise.clear()
        self._told.clear()
        self._beside.clear()
        self._by_one.clear()
        self._offset, self._leading = 0.0, ""
        self._told[tag], self._step, self._place = step, step, float(step)
        return self._place

    def _give_way(self, tag: str) -> None:
        """Let those that were counted on be the ones who count steps, and all others not."""
        offset = self._beside[self._leading]
        counting = {other for other, added in self._beside.items() if added == offset}
        self.otherwise = (set(self._told) | {tag}) - counting
        self._step, self._offset = self._told[self._leading], offset
        self._beside.clear()
        self._leading = ""
