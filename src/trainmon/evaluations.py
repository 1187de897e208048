"""What the log tells of an evaluation besides its metrics."""

from trainmon.record import EventKind
from trainmon.rule import Block


def sample_count(block: Block, row: int) -> int | None:
    """Return how many examples the evaluations up to `row` were counted over, if told.

    Positives come first: a true-positive rate moves in steps of one over their number.
    """
    for event in reversed(block.lane.events):
        if event.row > row or event.kind != EventKind.EVALUATION:
            continue
        counts = [event.fields.get(key) for key in ("positives", "n")]
        return next((int(n) for n in counts if isinstance(n, (int, float)) and n > 0), None)
    return None
