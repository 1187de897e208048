"""What share of the wall time spikes take."""

from collections.abc import Sequence

import numpy as np

from trainmon.context import Context
from trainmon.rule import Block
from trainmon.spikes.pattern import Spike
from trainmon.spikes.usual import Duration


def share_of_time(
    spikes: Sequence[Spike],
    duration: Duration | None,
    context: Context,
    block: Block,
    window: int,
) -> float:
    """Return the share of the recent wall time that some spikes took beyond the median.

    That is the time of the last `window` samples of what is watched. Where the log tells no times,
    that of all steps stands for it.
    """
    last = spikes[-1]
    every = block.lane.samples(duration.metric if duration else None)
    begin, position = every.positions(context.baseline_row, last.row)
    first = int(every.rows[max(begin, position + 1 - window)])
    times = block.lane.times
    wall = float(times[last.row] - times[first])
    if not wall > 0:
        steps = block.lane.samples(context.step_time)
        begin, position = steps.positions(first, last.row + 1)
        wall = float(np.nansum(steps.values[begin:position]))
    excess = sum(spike.wait - spike.median for spike in spikes)
    return excess / wall if wall > 0 else 0.0
