"""Ranks the causes of a run's findings and says how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trainmon.causes.facts import Facts
from trainmon.causes.graph import BY_ID, CAUSES, Cause
from trainmon.incidents import Incident
from trainmon.rule import Severity

Role = Literal["primary", "accelerator", "enabler"]
Confidence = Literal["high", "medium", "low"]

_CLOSE = 1.5
"""Ratio of two scores within which neither can be told from the other."""

_OFFERED = 0.05
"""Of the best score: a rival below it is not worth naming unless the graph lists it."""

_SPEAKS = 0.25
"""Likelihood from which on a cause has something that speaks for it."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One cause of a run's trouble."""

    cause: str
    title: str
    role: Role
    confidence: Confidence
    because: tuple[str, ...]
    """The rules whose findings speak for it."""
    rivals: tuple[str, ...]
    decider: str
    """What would tell it from its rivals."""
    disproof: str
    fix: tuple[str, ...]


def diagnose(facts: Facts) -> tuple[Diagnosis, ...]:
    """Return the causes of what was found: primary ones first, then enablers.

    Findings that are only info and already over are facts of life and get no cause.
    """
    open_findings = [i for i in facts.incidents if not (i.cleared and i.severity == Severity.INFO)]
    unexplained = {incident.rule for incident in open_findings}
    diagnoses = []
    while unexplained:
        scored = _scored(facts, open_findings, unexplained)
        if not scored:
            break
        best, score = scored[0]
        diagnoses.append(_primary(facts, best, score, scored, unexplained))
        unexplained -= set(best.explains)
    rules = {incident.rule for incident in open_findings}
    enablers = [
        _diagnosis(facts, cause, "enabler", "medium", rules, ())
        for cause in CAUSES
        if cause.kind == "enabler" and _likelihood(facts, cause, rules) >= _SPEAKS
    ]
    return (*diagnoses, *(enablers if diagnoses else ()))


def _scored(
    facts: Facts, incidents: Sequence[Incident], unexplained: set[str]
) -> list[tuple[Cause, float]]:
    """Return the root causes of the unexplained findings by their scores, best first.

    score = prior x likelihood of the evidence x share of the findings it explains.
    """
    scored = []
    rules = {incident.rule for incident in incidents}
    for cause in CAUSES:
        explained = unexplained & set(cause.explains)
        if cause.kind == "root" and explained:
            share = len(rules & set(cause.explains)) / len(rules)
            scored.append((cause, cause.prior * _likelihood(facts, cause, explained) * share))
    return sorted(scored, key=lambda pair: -pair[1])


def _likelihood(facts: Facts, cause: Cause, rules: set[str]) -> float:
    """Return how well the best of its findings speaks for a cause."""
    return max((cause.explains[rule](facts) for rule in rules if rule in cause.explains), default=0)


def _primary(
    facts: Facts, best: Cause, score: float, scored: list[tuple[Cause, float]], rules: set[str]
) -> Diagnosis:
    explained = rules & set(best.explains)
    rivals = [(cause, other) for cause, other in scored[1:] if explained & set(cause.explains)]
    near = [cause.id for cause, other in rivals if other * _CLOSE >= score]
    others = [cause.id for cause, other in rivals if other >= _OFFERED * score]
    listed = [rival for rival in best.rivals if rival not in others]
    confidence: Confidence = "medium"
    if near:
        confidence = "low"
    elif len(explained) > 1:
        confidence = "high"
    return _diagnosis(facts, best, "primary", confidence, rules, (*others, *listed))


def _diagnosis(
    facts: Facts,
    cause: Cause,
    role: Role,
    confidence: Confidence,
    rules: set[str],
    rivals: Sequence[str],
) -> Diagnosis:
    return Diagnosis(
        cause=cause.id,
        title=cause.title,
        role=role,
        confidence=confidence,
        because=tuple(sorted(rules & set(cause.explains))),
        rivals=tuple(rival for rival in rivals if rival in BY_ID),
        decider=cause.decider,
        disproof=cause.disproof,
        fix=tuple(cause.fix(facts)),
    )
