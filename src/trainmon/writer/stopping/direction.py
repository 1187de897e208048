"""Which way a metric is better, where the user did not say: told from the words of its name."""

import re
from typing import Literal

Mode = Literal["max", "min"]
"""Whether the largest or the smallest value of a metric is its best."""

_LOWER = frozenset(
    {
        *("loss", "nll", "bpb", "bpc", "perplexity", "ppl", "hinge", "kl", "divergence"),
        *("err", "error", "mae", "mse", "rmse", "mape", "wer", "cer", "ter"),
        *("fpr", "fnr", "far", "frr", "eer", "ece", "brier"),
        *("fid", "kid", "lpips", "cost", "regret", "distance"),
    }
)
"""Words of what is better when lower; any other metric is taken to be better when higher."""

_LOWER_ENDINGS = ("loss", "error")
"""As in ``valLoss``, ``logloss`` and ``RMSError``."""

_NEGATED = frozenset({"neg", "negative"})
"""Words that turn the others round, as in scikit-learn's ``neg_log_loss``."""


def mode_of(name: str) -> Mode:
    """Return the mode that the name of a metric suggests.

    An operating point names two quantities, of which the first is the one measured.

    >>> mode_of("val/f1"), mode_of("val_loss"), mode_of("val/fpr@tpr.85"), mode_of("tpr@fpr1e-4")
    ('max', 'min', 'min', 'max')
    """
    measured = name.lower().partition("@")[0]
    words = re.findall(r"[a-z]+", measured)
    lower = any(word in _LOWER or word.endswith(_LOWER_ENDINGS) for word in words)
    return "min" if lower and _NEGATED.isdisjoint(words) else "max"
