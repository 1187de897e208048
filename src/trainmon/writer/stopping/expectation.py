"""What the user expects of a run beforehand, such as ``"> 0.1 by epoch 10"``, checked at the start.

A typing error that came to light after ten epochs would have cost them.
"""

from collections.abc import Mapping

from trainmon.errors import WriterError
from trainmon.expectation import expectation

_HINT = 'write "> 0.1 by epoch 10", "< 2.0 by step 500" or ">= 0.5", which is by the end'


def expectations(expect: object) -> dict[str, str]:
    """Return the user's expectations, one text by metric, once all of them were understood.

    They are kept as they were written. Raises `WriterError`, with a hint, if one cannot be
    understood or `expect` is no mapping.

    >>> expectations({"val/f1": " > 0.1 by epoch 10 "})
    {'val/f1': '> 0.1 by epoch 10'}
    """
    if expect is None:
        return {}
    if not isinstance(expect, Mapping):
        kind = type(expect).__name__
        raise WriterError(f"expect is a {kind}", hint='give {"val/f1": "> 0.1 by epoch 10"}')
    texts = {str(metric): text for metric, text in expect.items()}
    for metric, text in texts.items():
        try:
            expectation(text)
        except (TypeError, ValueError, AttributeError) as error:
            raise WriterError(f"expect of {metric!r} is {text!r}: {error}", hint=_HINT) from None
    return {metric: text.strip() for metric, text in texts.items()}
