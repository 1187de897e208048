"""Whether single batches did it: one that threw a run over, or some that come again and again."""

from trainmon.causes.facts import Facts

_RAISED = 1.5
"""Times the configured rate: schedules that are meant peak there."""

_DEVIATIONS = 100.0
"""Robust deviations of a loss that no series of steps reaches from one batch to the next."""


_WITH = 48
"""Rows within which a level is left with a leap, and not before it: a level is that of 48 losses,
and noise may stand above the old one before it is left."""


def leapt_out_of_the_blue(facts: Facts) -> bool:
    """Return whether gradient or loss leapt from one batch to the next, long after the warm-up.

    A leap is out of the blue where it is the first thing that goes wrong, at a rate that runs bear:
    one whose rate is beyond any use, or that had left its level before, leaps for that.
    """
    if facts.rate_is_huge:
        return False
    lr, begun = facts.context.positive("lr"), facts.context.learning_row
    if facts.raised_lr or (lr and facts.readings.lr > _RAISED * lr):
        return False
    leaps = [i for i in facts.of("grad-explosion") if i.evidence.get("how") == "sudden"]
    leaps += [i for i in facts.of("loss-spike") if _far(i.evidence.get("deviations"))]
    first = min((i.onset_row for i in leaps), default=0)
    lost = any(i.onset_row < first - _WITH for i in facts.of("loss-divergence"))
    # Where it leapt before, too, it had never been a healthy run.
    return bool(leaps) and begun is not None and first > begun and not lost


def comes_again(facts: Facts) -> bool:
    """Return whether far losses of single batches come again, each over at once."""
    found = facts.of("loss-spike")
    again = any("spikes" in i.evidence for i in found)
    return again and not any("samples" in i.evidence for i in found)


def comes_with_the_epoch(facts: Facts) -> bool:
    """Return whether it is the same batch of every epoch."""
    return comes_again(facts) and any("same_batch" in i.evidence for i in facts.of("loss-spike"))


def stands_alone(facts: Facts) -> bool:
    """Return whether one batch was far beyond all others, and the loss went on as before."""
    found = facts.of("loss-spike")
    alone = any(i.evidence.get("alone") is True for i in found)
    return alone and not any("samples" in i.evidence for i in found)


def _far(deviations: object) -> bool:
    return isinstance(deviations, (int, float)) and deviations > _DEVIATIONS
