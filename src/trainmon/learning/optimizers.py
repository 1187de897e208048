"""Which optimizers take steps whose size does not depend on that of the gradient."""

from collections.abc import Mapping

_SCALE_THEMSELVES = (
    *("adam", "lamb", "lion", "adafactor", "rmsprop", "adagrad", "adadelta", "novograd"),
    *("sophia", "muon", "shampoo", "soap"),
)
"""They divide a gradient by its own size, or take its sign."""


def undoes_scale(settings: Mapping[str, object]) -> bool | None:
    """Return whether the optimizer of a configuration undoes the scale of gradients.

    None where none is told.

    >>> undoes_scale({"optimizer": "AdamW"}), undoes_scale({"optimizer": "SGD"}), undoes_scale({})
    (True, False, None)
    """
    name = str(settings.get("optimizer") or "").lower()
    return any(word in name for word in _SCALE_THEMSELVES) if name else None
