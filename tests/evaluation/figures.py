"""The figures of an evaluation, counted over the verdicts of one tool."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.evaluation.bounds import Share
from tests.evaluation.delays import LIMITS, Delay, Limited, delay_of, limited
from tests.evaluation.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of some verdicts."""

    found: Share
    """Faulty logs of which a rule of the fault spoke, loudly enough and when it was at work."""
    right: Share
    """Faulty logs whose first primary cause is right."""
    nearly_right: Share
    """The same of the first two primary ones, or of the first one's first rival."""
    delay: Delay
    limits: tuple[Limited, ...]
    false_warnings: int
    """Findings at warning or above on the logs of healthy trainings."""
    alarmed_logs: Share
    """Healthy logs that have any."""
    alarmed: Share
    """Healthy trainings of which any log has one: only they are independent of each other."""
    seconds: float
    """Time of all judgements."""
    failures: int
    """Judgements in which something broke."""

    @property
    def false_per_run(self) -> float:
        """False warnings per healthy log."""
        total = self.alarmed_logs.total
        return self.false_warnings / total if total else 0.0

    @property
    def logs(self) -> int:
        """All logs that were judged."""
        return self.found.total + self.alarmed_logs.total


def figures(verdicts: Sequence[Verdict]) -> Figures:
    """Return the figures of one tool over some verdicts."""
    faulty = [v for v in verdicts if v.case.fault]
    healthy = [v for v in verdicts if not v.case.fault]
    alarmed = {v.training for v in healthy if v.warnings}
    return Figures(
        found=_share(faulty, lambda v: v.found),
        right=_share(faulty, lambda v: v.right),
        nearly_right=_share(faulty, lambda v: v.nearly_right),
        delay=delay_of(v for v in faulty if v.found),
        limits=tuple(limited(limit, faulty) for limit in LIMITS),
        false_warnings=sum(len(v.warnings) for v in healthy),
        alarmed_logs=_share(healthy, lambda v: bool(v.warnings)),
        alarmed=Share(len(alarmed), len({v.training for v in healthy})),
        seconds=sum(v.seconds for v in verdicts),
        failures=sum(bool(v.failures) for v in verdicts),
    )


def _share(verdicts: Sequence[Verdict], holds: Callable[[Verdict], bool]) -> Share:
    return Share(sum(map(holds, verdicts)), len(verdicts))
