"""Among how many classes a model guesses, where nothing but its evaluation tells."""

from math import ceil, exp, floor, log


def guessed_classes(value: float, loss: float) -> int | None:
    """Return among how many classes an accuracy and a cross-entropy agree to be guessed.

    None where they do not: either alone may be anything.

    >>> guessed_classes(0.112, 2.302), guessed_classes(0.397, 1.0614), guessed_classes(0.5, 1.1)
    (10, 3, None)
    """
    if not 0 < value < 1 or loss <= 0:
        return None
    few, many = ceil(_LEAST_ACCURACY / value), floor(_MOST_ACCURACY / value)
    classes = min(max(round(exp(loss)), few, 2), many) if loss < log(_MOST_CLASSES) else 0
    if classes < max(few, 2) or classes > _MOST_CLASSES:
        return None
    return classes if _LEAST_LOSS <= loss / log(classes) <= _MOST_LOSS else None


_MOST_CLASSES = 2_000
_LEAST_LOSS, _MOST_LOSS = 0.95, 1.1
"""Of ln C: classes that are not equally frequent lower it, unsure outputs raise it."""

_LEAST_ACCURACY, _MOST_ACCURACY = 0.5, 1.25
"""Times 1/C, likewise."""
