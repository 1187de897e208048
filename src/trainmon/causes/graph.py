"""All causes, by family: what each explains, what speaks for it, what to do."""

from collections.abc import Mapping
from itertools import chain

from trainmon.causes.cause import Cause
from trainmon.causes.families import data, evaluation, learning_rate, machine, weights

CAUSES: tuple[Cause, ...] = tuple(
    chain.from_iterable(
        family.CAUSES for family in (learning_rate, weights, data, evaluation, machine)
    )
)

BY_ID: Mapping[str, Cause] = {cause.id: cause for cause in CAUSES}
