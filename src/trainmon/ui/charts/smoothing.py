"""Smoothing for the eye: an exponential moving average over the columns of a chart.

It runs over what is drawn, not over records: the same weight looks the same on a hundred points
and on a million, and a line of ten evaluations is hardly smoothed at all. And it runs both ways,
so that the line lies in the middle of its raw band instead of lagging behind a falling loss.
"""

from typing import Final

import numpy as np

from trainmon.ui.charts.scale import Values

_SPAN: Final = 250.0
"""Steps of the average across the whole chart: one for each dot column at the usual width, and
the same share of the x range at any other, so that a maximised chart shows the same line."""

_HEAVIEST: Final = 0.999
"""The largest weight: with 1 the first value would stay for ever."""


def smoothed(means: Values, position: Values, weight: float) -> Values:
    """Return the moving average of each row of `means`, NaN where a column holds nothing.

    `means` and `position` are series x columns, the latter in columns and increasing; `weight`,
    from 0 to 1, is what stays of a value from one step to the next. At the newest value this is
    the ordinary average, debiased as in Adam (Kingma and Ba 2015, section 3): divided by the sum
    of its weights. The first value stays what it is.
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
    """Return the average around each value, whose weight falls by `kept` with each place.

    Ahead of a value no more others count than behind it: near the beginning, where a loss falls
    steeply, they would pull the line below its band.
    """
    size = float(np.abs(values).max()) or 1.0  # Sums of larger values could overflow.
    terms = np.stack((values / size, np.ones(values.size)))
    decays = kept ** np.diff(places)
    behind = _decaying(terms, decays)
    ahead = _decaying(terms[:, ::-1], decays[::-1])[:, ::-1]
    balanced = np.arange((values.size + 1) // 2)[: values.size // 2]
    beyond = 2 * balanced + 1
    decay = kept ** (places[beyond] - places[balanced])
    ahead[:, balanced] -= decay * ahead[:, beyond]
    # Each value counts in both directions, so once too often.
    total, weight = behind + ahead - terms
    averages: Values = total / weight * size
    return averages


def _decaying(terms: Values, decays: Values) -> Values:
    """Return the decaying sums of two rows, each term included.

    Plain floats: there are a few hundred terms, and each needs the one before.
    """
    total = weight = 0.0
    sums = []
    for value, one, decay in zip(*terms.tolist(), [0.0, *decays.tolist()], strict=True):
        total = decay * total + value
        weight = decay * weight + one
        sums.append((total, weight))
    return np.array(sums).T
