"""Ranks the causes of a run's findings and says how sure that is.

score = prior x likelihood of the evidence x share of the findings explained x precedence x
specificity. A cause that the log contradicts is none. The best cause is primary and the findings it
brings about fold under it; what it does not explain is another trouble with a cause of its own.
Causes that made it worse, and those that let it go on, are told beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trainmon.causes.cause import Cause, Sort
from trainmon.causes.diagnosis import Confidence, Diagnosis, Role
from trainmon.causes.facts import Facts
from trainmon.causes.graph import BY_ID, CAUSES
from trainmon.causes.ordering import FACTS_OF_LIFE, is_unsure, surest_first
from trainmon.causes.symptoms import BLOWN
from trainmon.incidents import Incident
from trainmon.rule import Severity
from trainmon.rules import load

_CLOSE = 1.5
"""Ratio of two scores within which neither can be told from the other."""

_OFFERED = 0.05
"""Of the best score: a rival below it is not worth naming unless the graph lists it."""

_SPEAKS = 0.25
"""Likelihood from which on a finding speaks for a cause."""

_STRONG = 0.5
"""Likelihood from which on it makes an accelerator, or one of two signals of a high confidence."""

_SILENT = 0.05
"""Likelihood of a cause for which nothing speaks: it is a rival, never the answer."""

_LATE = 0.3
"""What a cause is worth whose own signs began after what it is to have brought about."""

_WORTH = 0.2
"""Of the best score: a cause that it worsens comes first from here on."""

_WINDOW = 200
"""Rows by which the onset of a statistical finding may lag: the windows of the rules."""

_WEIGHTS: Mapping[Severity, float] = {
    Severity.INFO: 0.2,
    Severity.WARNING: 1.0,
    Severity.ERROR: 1.5,
}
"""How much a finding counts that a cause explains, or does not."""


@dataclass(frozen=True, slots=True)
class _Scored:
    cause: Cause
    score: float
    likelihood: float
    sort: Sort
    strong: int
    """Findings that speak for it strongly, each by itself."""


def diagnose(facts: Facts) -> tuple[Diagnosis, ...]:
    """Return the causes of what was found: primary ones, the surest first, then those beside.

    Findings that are only info and already over are facts of life and get no cause. Where all are
    info, one that could be louder has not been sure of itself: alone it names no cause.
    """
    standing = [i for i in facts.incidents if not (i.cleared and i.severity == Severity.INFO)]
    serious = [i for i in standing if i.severity > Severity.INFO]
    unexplained = {incident.rule for incident in serious or standing} - FACTS_OF_LIFE
    every = {incident.rule for incident in standing}
    diagnoses: list[Diagnosis] = []
    primaries: list[Cause] = []
    while unexplained:
        scored = sorted(_scored(facts, standing, every, unexplained), key=lambda each: -each.score)
        scored = [each for each in scored if not _beside(each.cause, primaries)]
        if not scored:
            break
        scored = _worsened_first(scored, facts, unexplained)
        best = scored[0].cause
        if serious or _is_enough(facts, scored[0], every):
            diagnoses.append(_primary(facts, scored, every, unexplained))
            primaries.append(best)
        unexplained -= best.explained(facts)
    if not primaries:
        return ()
    if not serious:
        diagnoses.sort(key=is_unsure)
    beside = [*_accelerators(facts, primaries, every), *_enablers(facts, every)]
    return (*surest_first(diagnoses), *beside)


def _is_enough(facts: Facts, scored: _Scored, rules: set[str]) -> bool:
    """Return whether findings that are all info carry a cause: two of them, or one at its worst."""
    found = rules & scored.cause.explained(facts)
    loudest = all(load(rule).worst == Severity.INFO for rule in found)
    return scored.likelihood > _SILENT and (len(found) > 1 or loudest)


def _beside(cause: Cause, primaries: Sequence[Cause]) -> bool:
    """Return whether a cause can only stand beside one that has been found already."""
    return any(cause is primary or primary.id in cause.worsens for primary in primaries)


def _worsened_first(
    scored: Sequence[_Scored], facts: Facts, unexplained: set[str]
) -> list[_Scored]:
    """Return the scored causes; one that only worsens another stands behind it, if that is sure.

    It does not where the other leaves a leap unexplained: that would get a cause of its own.
    """
    best = scored[0]
    leaps = BLOWN & unexplained & best.cause.explained(facts)
    for other in scored[1:]:
        sure = other.likelihood >= _STRONG and other.score >= best.score * _WORTH
        sure = sure and leaps <= other.cause.explained(facts)
        if sure and other.cause.id in best.cause.worsens:
            return [other, *(each for each in scored if each is not other)]
    return list(scored)


def _scored(
    facts: Facts, standing: Sequence[Incident], every: set[str], unexplained: set[str]
) -> Iterator[_Scored]:
    """Yield the root causes of the unexplained findings with their scores."""
    total = sum(_WEIGHTS[incident.severity] for incident in standing)
    for cause in CAUSES:
        may_explain = cause.explained(facts)
        if cause.kind != "root" or not unexplained & may_explain:
            continue
        if cause.denied is not None and cause.denied(facts):
            continue
        explained = sum(_WEIGHTS[i.severity] for i in standing if i.rule in may_explain)
        speaking = list(cause.speaking(facts, every))
        missing, strong, sort = 1.0, 0, Sort.MEASURED
        for sign, weight in speaking:
            missing *= 1 - weight
            strong += weight >= _STRONG
            if weight >= _SPEAKS and sign.sort.value > sort.value:
                sort = sign.sort
        # A proof that would be there, were the cause at work, speaks against it where it is not.
        likelihood = max(1 - missing, _SILENT * (1 - cause.proof(every)))
        late = _LATE if _is_late(cause, facts, standing) else 1.0
        score = cause.prior * likelihood * explained / total * late * sort.value
        yield _Scored(cause, score, likelihood, sort, strong)


def _is_late(cause: Cause, facts: Facts, standing: Sequence[Incident]) -> bool:
    """Return whether what speaks for a cause began after its effects had been decided."""
    signs = {
        sign.rule
        for sign, weight in cause.speaking(facts, {i.rule for i in standing})
        if weight >= _SPEAKS
    }
    begun = [i.onset_row for i in standing if i.rule in signs]
    # Rules on learning cannot speak before the gate, however early the trouble began.
    gate = facts.context.learning_row or 0
    effects = [
        max(i.row, gate)
        for i in standing
        if i.rule in cause.effects and i.rule not in signs and i.severity > Severity.INFO
    ]
    return bool(begun and effects) and min(begun) > min(effects) + _WINDOW


def _primary(
    facts: Facts, scored: Sequence[_Scored], every: set[str], unexplained: set[str]
) -> Diagnosis:
    best = scored[0]
    explained = unexplained & best.cause.explained(facts)
    rivals = [each for each in scored[1:] if explained & each.cause.explained(facts)]
    near = [
        each
        for each in rivals
        if each.score * _CLOSE >= best.score and best.cause.id not in each.cause.worsens
    ]  # what only makes it worse is told beside it, and not in its place
    others = [
        each.cause.id
        for each in rivals
        if each.score >= _OFFERED * best.score and each.likelihood > _SILENT
    ]
    listed = [rival for rival in best.cause.rivals if rival not in others]
    confidence: Confidence = "medium"
    if near or best.likelihood < _SPEAKS:
        confidence = "low"
    elif best.strong > 1 or (best.sort is Sort.EXACT and best.likelihood >= _STRONG):
        confidence = "high"
    names = (*others[:_RIVALS], *listed)
    return _diagnosis(facts, best.cause, "primary", confidence, every, names, bool(near))


_RIVALS = 3
"""Rivals that are named for their score: more help nobody."""


def _accelerators(facts: Facts, primaries: Sequence[Cause], every: set[str]) -> Iterator[Diagnosis]:
    """Yield what made one of the primary causes worse, or act faster."""
    for cause in CAUSES:
        if cause in primaries or not any(primary.id in cause.worsens for primary in primaries):
            continue
        strongest = max((weight for _, weight in cause.speaking(facts, every)), default=0.0)
        if strongest >= _STRONG:
            yield _diagnosis(facts, cause, "accelerator", "medium", every, (), near=False)


def _enablers(facts: Facts, every: set[str]) -> Iterator[Diagnosis]:
    """Yield what let it go on."""
    for cause in CAUSES:
        strongest = max((weight for _, weight in cause.speaking(facts, every)), default=0.0)
        if cause.kind == "enabler" and strongest >= _SPEAKS:
            yield _diagnosis(facts, cause, "enabler", "medium", every, (), near=False)


def _diagnosis(
    facts: Facts,
    cause: Cause,
    role: Role,
    confidence: Confidence,
    rules: set[str],
    rivals: Sequence[str],
    near: bool,  # noqa: FBT001 - told by every caller beside its name
) -> Diagnosis:
    return Diagnosis(
        cause=cause.id,
        title=cause.title,
        role=role,
        confidence=confidence,
        because=tuple(sorted(rules & cause.explained(facts))),
        rivals=tuple(dict.fromkeys(rival for rival in rivals if rival in BY_ID)),
        decider=cause.decider,
        disproof=cause.disproof,
        fix=tuple(cause.fix(facts)),
        undecided=near,
    )
