"""How long after its onset a fault was named, and for which faults that is limited."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from tests.evaluation.bounds import Share
from tests.evaluation.case import Fault
from tests.evaluation.verdict import Verdict, overfits

EXACT = frozenset(
    {
        "accumulation-misreport",
        "data-duplication",
        "degenerate-scores",
        "init-loss-high",
        "lr-schedule-ended",
        "lr-warmup-reversed",
        "metric-contradiction",
        "no-positives",
    }
)
"""Rules that need no statistics."""

EXACT_STEPS = 200.0
"""Steps after which such a rule has spoken, or an epoch if that is longer."""

OVERFITTING_SHARE = 0.1
"""Of the run, after which overfitting has been told."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Delays of several faults, ascending: in steps and as shares of their runs."""

    steps: tuple[float, ...]
    shares: tuple[float, ...]

    def quantile(self, share: float) -> tuple[float, float] | None:
        """Return the steps and the share of the run that `share` of the faults did not exceed."""
        if not self.steps:
            return None
        return _quantile(self.steps, share), _quantile(self.shares, share)


@dataclass(frozen=True, slots=True)
class Limit:
    """A kind of faults that must be named soon."""

    name: str
    words: str
    """The limit as it is printed."""
    holds: Callable[[Verdict, Fault], bool]
    """Whether the fault of a verdict is of this kind."""
    in_time: Callable[[Verdict, float], bool]
    """Whether a delay in steps is within the limit."""


@dataclass(frozen=True, slots=True)
class Limited:
    """How one kind of faults fared."""

    limit: Limit
    share: Share
    """Of those found, how many in time."""
    delay: Delay


LIMITS = (
    Limit(
        "values that are not finite",
        "1 record",
        lambda verdict, fault: verdict.broke is not None and "non-finite" in fault.rules,
        lambda verdict, delay: delay <= _until_broke(verdict) + verdict.case.variant.every,
    ),
    Limit(
        "what exact rules tell",
        "an epoch or 200 steps",
        lambda _, fault: fault.rules <= EXACT,
        lambda verdict, delay: delay <= max(EXACT_STEPS, verdict.steps_per_epoch or 0.0),
    ),
    Limit(
        "overfitting",
        "10 % of the run",
        lambda _, fault: overfits(fault),
        lambda verdict, delay: delay <= OVERFITTING_SHARE * verdict.last_step,
    ),
)


def delay_of(verdicts: Iterable[Verdict]) -> Delay:
    """Return the delays of the faults that were named, where the tool tells when."""
    known = [v for v in verdicts if v.delay is not None]
    return Delay(
        tuple(sorted(v.delay for v in known if v.delay is not None)),
        tuple(sorted(v.delay_share for v in known if v.delay_share is not None)),
    )


def limited(limit: Limit, faulty: Sequence[Verdict]) -> Limited:
    """Return how the faults of one kind fared."""
    told = [v for v in faulty if v.case.fault and limit.holds(v, v.case.fault) and v.found]
    within = sum(v.delay is not None and limit.in_time(v, v.delay) for v in told)
    return Limited(limit, Share(within, len(told)), delay_of(told))


def _until_broke(verdict: Verdict) -> float:
    """Return the steps from the onset of a fault to the first loss that is not finite."""
    broke, fault = verdict.broke, verdict.case.fault
    return max(broke - fault.onset_step, 0.0) if fault and broke is not None else 0.0


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the least of the values that at least `share` of them do not exceed."""
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]
