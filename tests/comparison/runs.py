"""Runs to compare, made of records."""

from collections.abc import Iterable, Sequence
from typing import Any

from trainmon.context import Context
from trainmon.effective_batch import with_world_size
from trainmon.judge import Judge
from trainmon.reference import Reference, reference_of
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane


def context_of(records: Sequence[Record]) -> tuple[Context, Lane]:
    """Return what is known at the end of a log, and its lane."""
    lane = Lane()
    lane.append(batch_of(records))
    judge = Judge(lane, [], strict=True)
    judge.advance()
    return judge.context, lane


def run_of(records: Sequence[Record], name: str = "run") -> Reference:
    """Return a log as a run to compare with."""
    context, lane = context_of(records)
    settings = with_world_size(context.settings, context.header)
    monitored = context.monitored
    return reference_of(name, settings, context.roles, lane.view(), monitored=monitored)


def curve_run(
    metric: str,
    values: Iterable[float | str],
    name: str = "run",
    stride: int = 100,
    **config: Any,  # noqa: ANN401 - JSON is any value
) -> Reference:
    """Return a run with one value every `stride` steps, and its epochs."""
    header: Record = {"trainmon": 1, "config": config}
    rows: list[Record] = [
        {"step": stride * epoch, "epoch": epoch, metric: value}
        for epoch, value in enumerate(values, start=1)
    ]
    return run_of([header, *rows], name)
