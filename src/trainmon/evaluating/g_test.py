"""Whether two samples are draws of one distribution over classes: the G-test.

References
----------
Sokal and Rohlf, Biometry (1981), section 17: G = 2 sum O ln(O/E) follows a chi-square distribution.
Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.4.4 and 26.4.5: its tail for
whole degrees of freedom is a finite sum.
"""

from collections.abc import Sequence
from math import erfc, exp, log, pi, sqrt


def g_test(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the probability that counts of classes differ as much or more by chance.

    `first` and `second` are the samples of each class, of two independent draws. 1.0 where there
    is nothing to compare.

    >>> round(g_test([90, 10], [80, 20]), 4)
    0.0459
    >>> g_test([0, 1_000], [1_000, 0]) < 1e-300
    True
    """
    if len(first) != len(second):
        return 1.0
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a + b > 0]
    totals = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    if len(pairs) < 2 or min(totals) <= 0:  # noqa: PLR2004 - one class is no distribution
        return 1.0
    whole = sum(totals)
    g = 0.0
    for counts in pairs:
        both = sum(counts)
        for observed, total in zip(counts, totals, strict=True):
            if observed > 0:
                g += 2 * observed * log(observed / (both * (total / whole)))
    return chi_square_tail(g, len(pairs) - 1)


def chi_square_tail(x: float, degrees: int) -> float:
    """Return the probability that a chi-square variable with whole degrees of freedom exceeds x.

    Beyond x = 1,490 it is 0, as exp(-x/2) is then: far in the tail of any count of classes here.

    >>> round(chi_square_tail(3.841, 1), 4), round(chi_square_tail(18.307, 10), 4)
    (0.05, 0.05)
    """
    if x <= 0:
        return 1.0
    if degrees % 2:
        # erfc is the tail for one degree; each further pair adds a term of the series.
        tail, term, first = erfc(sqrt(x / 2)), exp(-x / 2) * sqrt(2 * x / pi), 3
    else:
        tail, term, first = exp(-x / 2), exp(-x / 2) * x / 2, 4
    for freedom in range(first, degrees + 1, 2):
        tail += term
        term *= x / freedom
    return min(tail, 1.0)
