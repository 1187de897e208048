"""By what factor a training loss is off where it was summed over the batches of one step.

A step that accumulates A batches has A losses. Their mean is the loss that is trained on; scripts
that log their sum, or the sum over the ranks as well, log A times as much.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trainmon.configuration import number_in
from trainmon.context import Context

LEAST = 0.8
"""Times the validation loss that a true training loss is at least in the first evaluations."""

MOST = 1.5
"""And at most: dropout, augmentation and a steep fall made 0.9 to 1.5 in 56 small trainings."""


@dataclass(frozen=True, slots=True)
class Factor:
    """How many losses may have been summed."""

    times: float
    words: str
    """What they were summed over."""

    def explains(self, ratio: float) -> bool:
        """Return whether a training loss of so many times the validation loss is this sum."""
        return LEAST <= ratio / self.times <= MOST


def factors(context: Context) -> Iterator[Factor]:
    """Yield the factors by which the configuration allows a loss to be off, the likeliest first."""
    accumulation = context.accumulation
    if accumulation < 2:  # noqa: PLR2004 - one loss is its own sum
        return
    yield Factor(accumulation, f"the {accumulation:.0f} accumulated batches")
    settings = {"world_size": context.header.get("world_size"), **context.settings}
    world = number_in(settings, "world_size") or 1.0
    if world > 1:
        words = f"{accumulation:.0f} accumulated batches of {world:.0f} ranks"
        yield Factor(accumulation * world, words)


ACCUMULATED = "the accumulated batches"


def summed_over(context: Context, ratio: float, same: float) -> str:
    """Return what a loss so many times too large may be summed over; empty if nothing is known.

    `same` is by how much a ratio that is one may be off, as a share.
    """
    if any(abs(ratio / factor.times - 1) <= same for factor in factors(context)):
        return ACCUMULATED
    for size in (context.positive("batch_size"), context.effective_batch):
        if size and size > 1 and abs(ratio / size - 1) <= same:
            return f"the batch of {size:.0f}"
    return ""


def explained(context: Context, ratio: float) -> bool:
    """Return whether accumulation alone may explain a training loss far above the validation's."""
    return any(factor.explains(ratio) for factor in factors(context))
