"""What was found, in lines: causes and what they explain, then the rest, at last what is over."""

from collections.abc import Iterator, Mapping, Sequence

from trainmon.causes.diagnosis import Diagnosis, Role
from trainmon.incidents import Incident, Regard
from trainmon.report.lines import Line, at_most
from trainmon.rule import Severity
from trainmon.text import clean
from trainmon.view import RunView

WAYS: Mapping[Role, str] = {
    "primary": "likely cause",
    "accelerator": "made worse by",
    "enabler": "let go on by",
}
"""What the roles of causes are called."""

_DIFFERENCES = 4
"""Differences from a run that worked which are told; ``trainmon compare`` tells them all."""

_EXPLAINED = 4
"""Findings that are listed below the cause that explains them."""

_MINOR = 3
"""Findings that are only info, or known, which are listed."""

_ALL = 1_000_000
"""More than any list has."""


def findings_of(run: RunView, *, verbose: bool) -> Iterator[Line]:
    """Yield the causes with what each explains, then what none does, and at last what is over."""
    left = [finding for finding in run.findings if not finding.cleared]
    led, over = run.trouble, [finding for finding in run.findings if finding.cleared]
    if led:
        yield from _differences(led)
    for diagnosis in _in_order(run, led):
        explained = [finding for finding in left if finding.rule in diagnosis.because]
        if not explained or not (verbose or _is_told(diagnosis, explained)):
            continue
        left = [finding for finding in left if finding not in explained]
        past = [finding for finding in over if finding.rule in diagnosis.because]
        over = [finding for finding in over if finding not in past]
        yield from _block(diagnosis, [*explained, *past], led, verbose=verbose)
    if led in left:
        left.remove(led)
    serious = [finding for finding in left if _is_serious(finding)]
    for finding in serious:
        yield from _finding(finding)
    standing = {finding.rule for finding in run.findings if finding.leads}
    for diagnosis in run.diagnosis:
        still = not standing.isdisjoint(diagnosis.because)
        if diagnosis.role != "primary" and still and (verbose or led or serious):
            yield _beside(diagnosis)
    yield from _over(run, [f for f in over if _is_serious(f)], verbose=verbose)
    others = [*left, *over]
    minor = [f for f in others if f not in serious and not (f.cleared and _is_serious(f))]
    lines = [line for finding in minor for line in _finding(finding)]
    yield from at_most(lines, _ALL if verbose else _MINOR, "· {} more (-v tells them)")


def _is_told(diagnosis: Diagnosis, explained: Sequence[Incident]) -> bool:
    """Return whether a cause is worth its room: of what is serious, or sure in itself."""
    sure = diagnosis.confidence == "high" and any(finding.leads for finding in explained)
    return sure or any(_is_serious(finding) for finding in explained)


def _over(run: RunView, findings: Sequence[Incident], *, verbose: bool) -> Iterator[Line]:
    """Yield troubles that are over, with what caused them, and what would keep them from coming.

    There is nothing to do about them now, so that this is told only where all is.
    """
    left = list(findings)
    for diagnosis in (each for each in run.diagnosis if each.role == "primary"):
        explained = [finding for finding in left if finding.rule in diagnosis.because]
        if not explained:
            continue
        left = [finding for finding in left if finding not in explained]
        for finding in explained:
            yield from _finding(finding)
        sure = f"({diagnosis.confidence} confidence)"
        yield Line(f"likely cause of what is over: {diagnosis.title} {sure}")
        if verbose:
            yield from _steps(diagnosis)
    for finding in left:
        yield from _finding(finding)


def _steps(diagnosis: Diagnosis) -> Iterator[Line]:
    for number, step in enumerate(diagnosis.fix, start=1):
        yield Line(f"{number}. {step}", 4, 3)


def _in_order(run: RunView, led: Incident | None) -> list[Diagnosis]:
    """Return the primary causes, that of the finding which leads first."""
    primaries = [diagnosis for diagnosis in run.diagnosis if diagnosis.role == "primary"]
    return sorted(primaries, key=lambda each: led is None or led.rule not in each.because)


def _is_serious(finding: Incident) -> bool:
    """Return whether a finding is worth the room of its cause."""
    return finding.severity > Severity.INFO and finding.regard is Regard.NONE


def _block(
    diagnosis: Diagnosis, explained: Sequence[Incident], led: Incident | None, *, verbose: bool
) -> Iterator[Line]:
    """Yield a cause: the finding that leads to it if the verdict is another one, and what to do."""
    others = list(explained)
    if led in others:
        others.remove(led)
    elif others:
        yield from _finding(others.pop(0))
    way = WAYS[diagnosis.role]
    yield Line(f"{way}: {diagnosis.title} ({diagnosis.confidence} confidence)")
    lines = [line for finding in others for line in _finding(finding, indent=14)]
    lines = at_most(lines, _ALL if verbose else _EXPLAINED, "and {} more (-v tells them)")
    for number, line in enumerate(lines):
        yield Line(f"explains: {line.text}", 4, 12) if not number else line
    yield from _steps(diagnosis)
    rivals = diagnosis.rivals
    if diagnosis.undecided and rivals:
        yield Line(f"cannot tell {diagnosis.cause} from {rivals[0]}: {diagnosis.decider}", 4)
    elif rivals:
        yield Line(f"or: {', '.join(rivals)}; to tell: {diagnosis.decider}", 4)


def _beside(diagnosis: Diagnosis) -> Line:
    """Return what made it worse or let it go on, with the first thing to do about it."""
    fix = f" → {diagnosis.fix[0]}" if diagnosis.fix else ""
    return Line(f"{WAYS[diagnosis.role]}: {diagnosis.title}{fix}")


def _finding(finding: Incident, *, indent: int = 2) -> Iterator[Line]:
    yield Line(in_a_line(finding), indent)
    yield from _differences(finding, indent + 2)


def in_a_line(finding: Incident) -> str:
    """Return a finding in a line: since when, what was seen, and how it stands."""
    state = f" ({finding.state})" if finding.state else ""
    return f"{finding.heading}: {clean(' '.join(finding.title.split()))}{state}"


def _differences(finding: Incident, indent: int = 4) -> Iterator[Line]:
    """Yield what the run has otherwise than one that worked."""
    if other := finding.evidence.get("reference"):
        for difference in finding.evidence.get("differences", ())[:_DIFFERENCES]:
            yield Line(f"otherwise than {other}: {difference}", indent)
