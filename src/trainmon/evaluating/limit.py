"""Whether an evaluation looked at a part of its data alone, and at whole batches of it."""

from trainmon.context import Context

_WHOLE_SETS = (
    *("val_samples", "eval_samples", "num_val_samples", "num_eval_samples", "n_val", "val_size"),
)
"""Settings that tell how large the whole evaluation set is."""

_WHOLE = 0.9
"""Of the whole set: fewer samples are a part of it."""

_DROPPED = 0.98
"""Of a limit in samples that is left where the last batch is dropped."""

_LEAST_BATCH = 8
"""Samples of a batch: many a set is a multiple of fewer by accident."""


def limit_of(n: int, context: Context) -> float | None:
    """Return what cut off an evaluation of `n` samples: the limit in samples, batches or shares.

    None where nothing did: frameworks write 0, -1 or a share of 1 where no limit is set, and a
    limit may be larger than the set.
    """
    if context.settings.get("eval_limit") is True:
        return float(n)
    limit = context.positive("eval_limit")
    if limit is not None and limit != 1:
        batch = _batch(context) or 1
        if limit < 1 or _DROPPED * limit <= n <= limit or limit * batch <= n:
            return limit
    ranks = context.header.get("world_size")
    seen = n * (ranks if isinstance(ranks, int) and ranks > 1 else 1)
    whole = max((context.positive(name) or 0 for name in _WHOLE_SETS), default=0)
    return float(n) if whole > 1 and seen < _WHOLE * whole else None


def whole_batches(n: int, context: Context) -> float | None:
    """Return how many batches an evaluation of `n` samples was, if it was whole ones."""
    batch = _batch(context)
    if batch is None or batch < _LEAST_BATCH or n <= batch or n % batch:
        return None
    return n / batch


def is_part(n: int, context: Context) -> bool:
    """Return whether an evaluation of `n` samples looks like the first batches of a set."""
    cut_off = limit_of(n, context) is not None or whole_batches(n, context) is not None
    return cut_off or (n > _ROUND and n % _ROUND == 0)


_ROUND = 1_024
"""Samples of which hardly any set is a multiple, and many batches of unknown size are."""


def _batch(context: Context) -> float | None:
    return context.positive("eval_batch_size") or context.positive("batch_size")
