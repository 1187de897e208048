"""Losses that tell little of learning: of models that play against each other."""

import re
from functools import lru_cache

from trainmon.context import Context
from trainmon.roles import Role

_RIVALS = re.compile(
    r"(?:^|[/_.\s-])(?:d|g|dis|disc|discriminator|gen|generator|gan|critic|adv|adversarial"
    r"|actor|policy|wgan)(?:[/_.\s-]|\d*$)",
    re.IGNORECASE,
)

_LOSSES = (Role.TRAIN_LOSS, Role.LOSS, Role.LOSS_PART)


def has_rivals(context: Context) -> bool:
    """Return whether a run is a game of several models, or is judged by a return.

    Their losses stand still where all is well, and fall where one of them wins.
    """
    return bool(context.names(Role.RETURN)) or _any_rival(context.names(*_LOSSES))


@lru_cache(maxsize=64)
def _any_rival(names: tuple[str, ...]) -> bool:
    return any(_RIVALS.search(name) for name in names)
