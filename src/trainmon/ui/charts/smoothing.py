"""Smoothing for the eye: an exponential moving average over the columns of a chart.

It runs over what is drawn, not over records: the same weight looks the same on a hundred points
and on a million, and a line of ten evaluations is hardly smoothed at all. It looks back alone: a
line that rose before the raw values did would put the onset of a trouble in the wrong place.
"""

from typing import Final

import numpy as np

from trainmon.ui.charts.scale import Values

_SPAN: Final = 250.0
"""Steps of the average across the whole chart: one for each dot column at the usual width, and
the same share of the x range at any other, so that a maximised chart shows the same line."""

_HEAVIEST: Final = 0.999
"""The largest weight: with 1 the first value would stay for ever."""

_LEAST_WEIGHT: Final = 1e-250
"""Of the first value beside the last one: below, its products with values would lose digits."""


def smoothed(means: Values, position: Values, weight: float) -> Values:
    """Return the moving average of each row of `means`, NaN where a column holds nothing.

    `means` and `position` are series x columns, the latter in columns and increasing; `weight`,
    from 0 to 1, is what stays of a value from one step to the next. The average is debiased as in
    Adam (Kingma and Ba 2015, section 3): divided by the sum of its weights. The first value stays
    what it is.
    """
    result = np.full_like(means, np.nan)
    steps = _SPAN / max(means.shape[1] - 2, 1)
    kept_per_column = min(max(weight, 0.0), _HEAVIEST) ** steps
    for row, (values, places) in enumerate(zip(means, position, strict=True)):
        held = np.flatnonzero(~np.isnan(values))
        if held.size:
            result[row, held] = _average(values[held], places[held], kept_per_column)
    return result


def _average(values: Values, places: Values, kept: float) -> Values:
    """Return the average up to each value, whose weight falls by `kept` with each place."""
    size = float(np.abs(values).max()) or 1.0  # Sums of larger values could overflow.
    with np.errstate(under="ignore"):
        weights = kept ** (places[-1] - places)
    if weights[0] < _LEAST_WEIGHT:
        return _average_by_one(values / size, places, kept) * size
    averages: Values = np.cumsum(values / size * weights) / np.cumsum(weights) * size
    return averages


def _average_by_one(values: Values, places: Values, kept: float) -> Values:
    """Return the same where the first weights vanish beside the last: each from the one before."""
    decays = (kept ** np.diff(places, prepend=places[0])).tolist()
    total = weight = 0.0
    averages = []
    for value, decay in zip(values.tolist(), decays, strict=True):
        total = decay * total + value
        weight = decay * weight + 1.0
        averages.append(total / weight)
    return np.array(averages)
