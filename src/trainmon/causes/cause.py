"""An entry of the cause graph: the findings that speak for it, and those it brings about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from trainmon.causes.facts import Facts

Kind = Literal["root", "enabler"]
Test = Callable[[Facts], bool]
NOTHING: frozenset[str] = frozenset()


class Sort(Enum):
    """What a sign rests on: its value is how specific that makes it."""

    EXACT = 1.0
    """Arithmetic: two numbers are equal, or cannot both be true."""
    TOLD = 0.9
    """The configuration, or an event that says so."""
    MEASURED = 0.6
    """Statistics of a noisy series."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A finding that speaks for a cause."""

    rule: str
    likelihood: float
    """How probable the finding is, as its evidence stands, if the cause is at work."""
    sort: Sort = Sort.MEASURED
    when: Test | None = None
    """What its evidence or the run must show; None if the finding is enough."""
    otherwise: float = 0.0
    """The likelihood where that does not hold."""

    def weight(self, facts: Facts) -> float:
        """Return how well it speaks for the cause, given that the finding is there."""
        return self.likelihood if self.when is None or self.when(facts) else self.otherwise


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the graph."""

    id: str
    title: str
    """The cause in words a colleague would use."""
    prior: float
    """How common it is among the causes of its findings, from 0 to 1."""
    signs: tuple[Sign, ...]
    effects: frozenset[str]
    """Findings that it brings about, but that do not tell it from others."""
    rivals: tuple[str, ...]
    decider: str
    """The one signal or trial that tells it from its rivals."""
    disproof: str
    """What would show that it is not the cause."""
    fix: Callable[[Facts], list[str]]
    told_otherwise: Callable[[Facts], frozenset[str]] = lambda _: NOTHING
    """Of its effects those whose findings say themselves that something else brought them about."""
    kind: Kind = "root"
    worsens: tuple[str, ...] = ()
    """Causes beside which it is no second cause but makes them worse or faster."""
    denied: Test | None = None
    """What the log must show for it to be out of the question, whatever it would explain."""

    @property
    def explains(self) -> frozenset[str]:
        """The rules whose findings may fold under it."""
        return self.effects | {sign.rule for sign in self.signs}

    def explained(self, facts: Facts) -> frozenset[str]:
        """Return the rules whose findings fold under it as their evidence stands."""
        return self.explains - self.told_otherwise(facts)

    def proof(self, rules: set[str]) -> float:
        """Return how surely a finding that proves the cause would be there, if none is."""
        proofs = [sign for sign in self.signs if sign.sort is Sort.EXACT and sign.when is None]
        if any(sign.rule in rules for sign in proofs):
            return 0.0
        return max((sign.likelihood for sign in proofs), default=0.0)

    def speaking(self, facts: Facts, rules: set[str]) -> Iterator[tuple[Sign, float]]:
        """Yield for each of the rules the sign that speaks best, and how well it does."""
        best: dict[str, tuple[Sign, float]] = {}
        for sign in self.signs:
            if sign.rule in rules:
                weight = sign.weight(facts)
                if weight > best.get(sign.rule, (sign, 0.0))[1]:
                    best[sign.rule] = sign, weight
        yield from best.values()
