"""What a tool said of one case: its alarms, and the causes it named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.evaluation.case import Case, Fault
from trainmon.rule import Severity

INFO_BY_NATURE = frozenset(
    {"config-risk", "early-stop", "generalisation-gap", "suspiciously-good", "train-above-val"}
)
"""Rules that never warn by themselves, by their specification."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that a tool said."""

    check: str
    """What the tool calls it."""
    names: frozenset[str]
    """The rules whose symptom it names; several where the tool makes no difference."""
    severity: Severity
    """The worst it reached."""
    spoke: float | None = None
    """The step at which it first said so, at the level that counts and not before the fault acted;
    None if the tool does not tell or did not say so then."""
    early: bool = False
    """Whether it was said only before there was anything to say it about."""
    title: str = ""
    metric: str | None = None
    onset: float | None = None
    """The step since when, as the tool has it."""
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A cause that was named."""

    cause: str
    role: str
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one tool made of one case; the case is kept without its records."""

    tool: str
    case: Case
    alarms: tuple[Alarm, ...]
    last_step: float
    """How long the run was, in steps."""
    steps_per_epoch: float | None = None
    broke: float | None = None
    """The step of the first loss that is not finite, if there is one."""
    best: float | None = None
    """The step of the best validation loss, if there is one."""
    causes: tuple[Named, ...] = ()
    """Ranked; empty for tools that name none."""
    seconds: float = 0.0
    """Processor time that the judgement took."""
    failures: tuple[str, ...] = ()
    """What broke while it was judged."""

    @property
    def warnings(self) -> tuple[Alarm, ...]:
        """The alarms that ask for something to be done."""
        return tuple(alarm for alarm in self.alarms if alarm.severity >= Severity.WARNING)

    @property
    def naming(self) -> tuple[Alarm, ...]:
        """The alarms that name the fault, loudly enough; none in a healthy run."""
        fault = self.case.fault
        if fault is None:
            return ()
        least = level(fault)
        return tuple(a for a in self.alarms if a.severity >= least and a.names & fault.rules)

    @property
    def found(self) -> bool:
        """Whether one of them was raised while the fault was at work."""
        return any(not alarm.early for alarm in self.naming)

    @property
    def delay(self) -> float | None:
        """The steps from the onset to the first alarm that names the fault; None if unknown.

        Overfitting begins with what follows the best evaluation, whatever invited it before.
        """
        fault = self.case.fault
        spoke = [alarm.spoke for alarm in self.naming if alarm.spoke is not None]
        if fault is None or not spoke:
            return None
        best = self.best if overfits(fault) else None
        return max(min(spoke) - max(fault.onset_step, best or 0.0), 0.0)

    @property
    def delay_share(self) -> float | None:
        """The same as a share of the run."""
        delay = self.delay
        return delay / self.last_step if delay is not None and self.last_step else None

    @property
    def right(self) -> bool:
        """Whether the first primary cause is a right one."""
        return bool(self._right(self._primaries[:1]))

    @property
    def nearly_right(self) -> bool:
        """Whether a right cause is among the first two primary ones, or the first one's rival."""
        rivals = [rival for named in self._primaries[:1] for rival in named.rivals[:1]]
        return bool(self._right(self._primaries[:2])) or bool(set(rivals) & self._expected)

    @property
    def answer(self) -> str:
        """The first primary cause, or nothing."""
        return next((named.cause for named in self._primaries), "")

    @property
    def training(self) -> str:
        """What its log shares with other logs of the same training."""
        return f"{self.case.recipe} / {self.case.task} / seed {self.case.seed}"

    @property
    def _primaries(self) -> Sequence[Named]:
        return [named for named in self.causes if named.role == "primary"]

    @property
    def _expected(self) -> frozenset[str]:
        return frozenset(self.case.fault.causes) if self.case.fault else frozenset()

    def _right(self, named: Sequence[Named]) -> frozenset[str]:
        return self._expected & {one.cause for one in named}


def level(fault: Fault) -> Severity:
    """Return how loudly a fault must be named: `info` counts where none of its rules can warn."""
    return Severity.INFO if fault.rules <= INFO_BY_NATURE else Severity.WARNING


def overfits(fault: Fault) -> bool:
    """Return whether a fault is overfitting itself."""
    return fault.causes[:1] == ("overfitting",)


def without_records(case: Case) -> Case:
    """Return a case as a verdict keeps it: thousands of logs would not fit into memory."""
    return replace(case, records=())
