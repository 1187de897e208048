"""What is told of ranks that are not there: never seen, gone quiet, ended without a word, back."""

from collections.abc import Mapping
from typing import Any

from trainmon.context import Context
from trainmon.ranks.presence import metrics_of_ranks
from trainmon.ranks.side_by_side import in_words, place_of
from trainmon.rule import Block, Event, EventKind, Severity, known


def gone_quiet(context: Context, block: Block, rank: int, last: int, row: int) -> Event:
    """Return that a rank has told nothing since a row."""
    place = place_of(context, rank)
    steps = {"last_step": float(block.steps[last]), "step": float(block.steps[row])}
    evidence = {"rank": rank, **steps, "behind": steps["step"] - steps["last_step"], **place}
    title = (
        f"{in_words(rank, place)} has told nothing since step {steps['last_step']:.0f}; "
        f"the others are at {steps['step']:.0f}"
    )
    severity = Severity.WARNING
    return Event(EventKind.OPENED, row, last, severity, title, None, known(evidence), rank)


def absent_so_far(context: Context, block: Block, rank: int, row: int) -> Event:
    """Return that a rank has never told anything."""
    step, world_size = float(block.steps[row]), context.header.get("world_size")
    title = (
        f"rank {rank} of {world_size:,} has told nothing at all; the others are at step {step:.0f}"
    )
    evidence = known({"rank": rank, "world_size": world_size, "step": step})
    onset = block.baseline_row
    return Event(EventKind.OPENED, row, onset, Severity.WARNING, title, None, evidence, rank)


def deserted(context: Context, block: Block, row: int, rank: int, end: Mapping[str, Any]) -> Event:
    """Return that a rank ended without a word, and that the exchange of the others failed then."""
    names = metrics_of_ranks(context).get(rank, [])
    onset = max((_last_row(block, name, row) for name in names), default=-1)
    place = place_of(context, rank)
    evidence = {"rank": rank, **end, **place}
    step = end.get("last_step")
    when = f" at step {step:.0f}" if isinstance(step, float) and step == step else ""  # noqa: PLR0124 - false for NaN alone
    alone = end.get("silent") == 1
    met = "the others failed in their exchange with it"
    title = (
        f"{in_words(rank, place)} ended{when} and did not say why; "
        f"{met if alone else 'it, or another that did not, broke the exchange of the others'}"
    )
    onset = max(onset, block.baseline_row)
    severity = Severity.ERROR if alone else Severity.WARNING
    return Event(EventKind.OPENED, row, onset, severity, title, None, known(evidence), rank)


def back(context: Context, rank: int, last: int, row: int) -> Event:
    """Return that a rank tells its steps again."""
    title = f"{in_words(rank, place_of(context, rank))} tells its steps again"
    return Event(EventKind.CLEARED, row, last, Severity.WARNING, title, None, {}, rank)


def _last_row(block: Block, name: str, row: int) -> int:
    rows = block.before(name, 1, row + 1).rows
    return int(rows[-1]) if len(rows) else -1
