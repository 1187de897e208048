"""Headings that announce an evaluation whose numbers stand on the lines below: "Test Error:"."""

from collections.abc import Mapping

from trainmon.console.words import split_of, split_told
from trainmon.store.batch import Record

_BLANKS = 3
"""Blanks of a heading at most: "Validation results, epoch two:" is one, a sentence is none."""


class Heading:
    """Remembers whether lines stand below a heading. Owned by one source.

    They do until a line says where it stands, has no numbers, or tells a name for the second time.
    """

    def __init__(self) -> None:
        self._told: set[str] | None = None  # the names below the present heading

    def read(self, text: str) -> None:
        """Take in a line without numbers."""
        announces = text.endswith(":") and text.count(" ") <= _BLANKS and split_told(text) == "val"
        self._told = set() if announces else None

    def over(self, record: Record, *, placed: bool) -> Record:
        """Return a line's metrics, those of an evaluation where a heading announced one."""
        if placed or (self._told and self._told & record.keys()):
            self._told = None
        if self._told is None:
            return record
        self._told |= record.keys()
        return evaluated(record)


def evaluated(record: Mapping[str, float]) -> Record:
    """Return metrics under names that say they are of an evaluation.

    >>> evaluated({"loss": 0.5, "val_acc": 0.9})
    {'val/loss': 0.5, 'val_acc': 0.9}
    """
    return {name if split_of(name) else f"val/{name}": told for name, told in record.items()}
