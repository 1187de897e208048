"""A metrics line by the short way: ordinary numbers, in one call into orjson."""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

import orjson

from trainmon.record import EVENT_KEY, HEADER_KEY

if TYPE_CHECKING:  # needed by annotations alone
    from typing import Any

_NEWLINE = orjson.OPT_APPEND_NEWLINE


def quick_line(metrics: Mapping[str, object], position: Mapping[str, object]) -> bytes | None:
    r"""Return the line, ending in a newline, of `metrics` logged at `position`.

    The position holds ``time`` and, where given, ``step`` and ``epoch``; else those among the
    metrics count as such. Whatever orjson refuses or would garble (tensors, NaN, nested or oddly
    named metrics) gives None: `draft` looks at each value alone.

    >>> quick_line({"train/loss": 0.5, "lr": 3e-4}, {"step": 1, "time": 2.5})
    b'{"train/loss":0.5,"lr":0.0003,"step":1,"time":2.5}\n'
    """
    try:
        # The metrics come first, as a copied dictionary costs half of one filled name by name.
        line: dict[str, Any] = {**metrics, **position}
        of_one_kind = EVENT_KEY not in line and HEADER_KEY not in line
        if of_one_kind and len(line) == len(metrics) + len(position):
            encoded = orjson.dumps(line, None, _NEWLINE)
            # orjson writes NaN as null. The sum is finite only if all are, and it refuses
            # what JSON can hold but no metric is: text, lists, gaps.
            if isfinite(sum(line.values())):
                return encoded
    except (TypeError, ValueError, OverflowError):
        pass
    return None
