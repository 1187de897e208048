"""Which step a backward pass is part of, as the script will count it."""

from trainmon.writer.journal import Journal


class Position:
    """Counts on from the last step that the script told; to be asked in every step."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._told = journal.step
        self._told_at = 0

    def after(self, steps: int) -> float:
        """Return the number of the step that follows the first `steps` ones of the watch."""
        told = self._journal.step
        if told != self._told:
            self._told, self._told_at = told, steps
        if told is None:
            return steps + 1
        return told + steps - self._told_at + 1
