"""The values behind a mean that runs over an epoch, as Keras shows its losses."""

from math import isfinite

_STEPS_LIMIT = 100_000
"""Batches of an epoch after which the values are lost: a mean in float32 has 24 bits, so the value
behind the k-th is off by up to k * 6e-8 of the mean, which comes to 0.6 % here."""


class RunningMean:
    """Tells the values of single batches from means over all batches so far.

    All batches count alike. Keras weights a loss by the samples of its batch, so that of a last,
    smaller batch comes out nearer to the mean of the epoch than it was.

    >>> mean = RunningMean()
    >>> [mean.value_at(n, told) for n, told in ((1, 4.0), (2, 3.0), (4, 4.0))]
    [4.0, 2.0, 5.0]
    """

    def __init__(self) -> None:
        self._batches = 0
        self._sum = 0.0

    def value_at(self, batches: int, mean: float) -> float | None:
        """Return the value of the batches since the last call, given the mean over the first ones.

        After a value that is not finite all means of the epoch are not; that one is returned, and
        None for those after it.
        """
        batches_before, sum_before = self._batches, self._sum
        self._batches, self._sum = batches, mean * batches
        if batches > _STEPS_LIMIT or batches <= batches_before or not isfinite(sum_before):
            return None
        if not isfinite(mean):
            return mean
        return (self._sum - sum_before) / (batches - batches_before)
