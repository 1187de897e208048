"""Losses that tell little of learning: of models that play against each other."""

import re

from trainmon.context import Context
from trainmon.once import once
from trainmon.roles import Role

_RIVALS = re.compile(
    r"(?:^|[/_.\s-])(?:d|g|dis|disc|discriminator|gen|generator|gan|critic|adv|adversarial"
    r"|actor|policy|wgan)(?:[/_.\s-]|\d*$)",
    re.IGNORECASE,
)

_LOSSES = (Role.TRAIN_LOSS, Role.LOSS, Role.LOSS_PART)


@once
def has_rivals(context: Context) -> bool:
    """Return whether a run is a game of several models, or is judged by a return.

    Their losses stand still where all is well, and fall where one of them wins.
    """
    losses = context.names(*_LOSSES)
    return bool(context.names(Role.RETURN)) or any(map(_RIVALS.search, losses))
