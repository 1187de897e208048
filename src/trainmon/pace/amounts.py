"""How much work a step holds, where a log tells it: longer texts and larger batches take longer."""

from collections.abc import Iterator

import numpy as np

from trainmon.context import Context
from trainmon.hardware.readings import usual
from trainmon.roles import Role
from trainmon.rule import Block

_CUMULATIVE = frozenset({"tokens", "samples", "consumed_tokens", "consumed_samples", "ntokens"})
"""What counts up: its growth from step to step is the work of one."""

_SIZES = frozenset(
    {"batch_size", "global_batch_size", "bsz", "tokens_per_step", "wpb", "rollout_steps"}
)
"""What a step's time is in proportion to."""

_LENGTHS = frozenset(
    {"seq_len", "seqlen", "seq_length", "sequence_length", "context_length", "max_len"}
    | {"resolution", "image_size", "img_size", "crop_size"}
)
"""What a step's time may grow with the square of: attention, and the pixels of an image."""


def growth(context: Context, block: Block, before: tuple[int, int], now: tuple[int, int]) -> float:
    """Return how many times the work a step holds now that it held before, between two rows each.

    It is 1 where the log does not tell.
    """
    return max((1.0, *_ratios(context, block, before, now)))


def _ratios(
    context: Context, block: Block, before: tuple[int, int], now: tuple[int, int]
) -> Iterator[float]:
    for name in context.names(Role.COUNTER, Role.OTHER):
        word = name.rpartition("/")[2]
        if word in _CUMULATIVE:
            yield _ratio(_per_sample(block, name, *before), _per_sample(block, name, *now))
        elif word in _SIZES or word in _LENGTHS:
            ratio = _ratio(usual(block, name, *before), usual(block, name, *now))
            yield ratio if word in _SIZES else ratio**2
    for name in context.names(Role.THROUGHPUT):
        if "step" not in name and "it/s" not in name:
            yield from _kept_pace(block, name, before, now)


def _kept_pace(
    block: Block, name: str, before: tuple[int, int], now: tuple[int, int]
) -> Iterator[float]:
    """Yield infinity where as many samples or tokens come through as before."""
    if _ratio(usual(block, name, *before), usual(block, name, *now)) >= _KEPT:
        yield np.inf


_KEPT = 0.95
"""Of the throughput: what comes through is as much as it was."""


def _per_sample(block: Block, name: str, first: int, last: int) -> float | None:
    """Return the mean growth from one sample to the next between two rows."""
    every = block.lane.samples(name)
    begin, end = every.positions(first, last + 1)
    if end - begin < 2:  # noqa: PLR2004 - growth is from one to another
        return None
    return float(every.values[end - 1] - every.values[begin]) / (end - 1 - begin)


def _ratio(before: float | None, now: float | None) -> float:
    return now / before if before and now and before > 0 else 0.0
