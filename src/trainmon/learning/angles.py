"""Angles between what is predicted and what is true: those of a guess are right ones on average."""

import re
from math import pi, radians

from trainmon.context import Context
from trainmon.once import once
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed
from trainmon.rule import Block

_ANGLE = re.compile(r"(?:^|_)(?:angular|angles?|ang)(?:_|$)")

_DEGREES = re.compile(r"(?:^|_)deg(?:rees?)?(?:_|$)")

_SAME = 1e-3
"""Of an angle: by how much less two numbers of it differ, as those of both units rounded."""

_NEARLY = 0.95
"""Of a right angle: a model that begins there has yet to learn which way things point.

A guess that is the mean of what is there may be far better: then nothing is known of chance.
"""


@once
def angles(context: Context) -> tuple[str, ...]:
    """Return the metrics of evaluations that are angles, of which less is better."""
    return tuple(
        name
        for name in context.names(Role.VAL_METRIC)
        if _ANGLE.search(parsed(name).word) and context.direction(name) == Direction.LOWER
    )


def right_angle(name: str, value: float, first: float) -> float | None:
    """Return what an angle is by chance, given its last and its first value.

    None where neither is near it. Without a unit angles above pi are
    degrees, and below it they may be either.

    >>> right_angle("val/angular_error_deg", 20.0, 91.0), right_angle("val/angle_rad", 1.56, 1.57)
    (90.0, 1.5707963267948966)
    >>> right_angle("val/angle_deg", 12.0, 14.0) is None
    True
    """
    word = parsed(name).word
    if _DEGREES.search(word) or ("rad" not in word and max(value, first) > pi):
        level = 90.0
    elif "rad" in word:
        level = pi / 2
    else:
        return None
    return level if max(value, first) >= _NEARLY * level else None


def is_angle(context: Context, block: Block, row: int) -> bool:
    """Return whether the validation loss is an angle that a metric tells in degrees."""
    losses = block.before(context.val_loss, 1, row + 1).values
    if not len(losses):
        return False
    for name in angles(context):
        degrees = block.before(name, 1, row + 1).values
        if len(degrees) and abs(radians(float(degrees[0])) - losses[0]) < _SAME * losses[0]:
            return True
    return False
