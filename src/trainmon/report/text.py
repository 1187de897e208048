"""The judgement as a short text: verdict, evidence, what to do, what could not be judged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from trainmon.causes.diagnosis import Diagnosis, Role
from trainmon.incidents import Incident, Regard
from trainmon.many_ranks import folded, standing_for
from trainmon.record import EventKind
from trainmon.report.assumptions import assumptions
from trainmon.report.lines import Line, at_most, rendered
from trainmon.report.not_judged import lines_on
from trainmon.rule import Severity
from trainmon.text import clean
from trainmon.view import NotJudged, RunView, Status, View

WAYS: Mapping[Role, str] = {
    "primary": "likely cause",
    "accelerator": "made worse by",
    "enabler": "let go on by",
}
"""What the roles of causes are called."""

_LAST_EVENTS = 10
"""Events among which an exception that ended the run is looked for."""

_DIFFERENCES = 4
"""Differences from a run that worked which are told; ``trainmon compare`` tells them all."""

_EXPLAINED = 4
"""Findings that are listed below the cause that explains them."""

_MINOR = 3
"""Findings that are only info, or known, which are listed."""

_ALL = 1_000_000
"""More than any list has."""


def as_text(view: View, *, verbose: bool = False, width: int | None = None) -> str:
    """Return the judgement of all runs; the superseded ones of a file in one line.

    Lines are broken at `width` cells, if one is given. What could not be judged is told once, below
    all runs, and run by run only where everything is to be told.
    """
    shown = [run for run in view.runs if verbose or not run.superseded]
    paragraphs = [list(_run(run, verbose=verbose)) for run in shown]
    if not verbose:
        paragraphs.append(list(lines_on([each for run in shown for each in run.not_judged])))
    superseded = Counter(run.path for run in view.runs if run.superseded and not verbose)
    last = [
        f"{clean(PurePath(path).name)}: {count} earlier {'run' if count == 1 else 'runs'} in the "
        "same file, superseded"
        for path, count in superseded.items()
    ]
    last += [f"note: {notice}" for notice in view.notices]
    paragraphs.append([Line(text, indent=0) for text in last])
    texts = [
        "\n".join(part for line in lines for part in rendered(line, width)) for lines in paragraphs
    ]
    told = [text for text in texts if text]
    return "\n\n".join(told) + "\n" if told else ""


def verdict(run: RunView) -> str:
    """Return the state of a run in one sentence.

    The worst open finding speaks; without one the run is well as far as it could be judged.
    """
    if run.trouble:
        return _told(standing_for(run.findings, run.trouble))
    return f"{mark(run)} {wellness(run)}"


def mark(run: RunView) -> str:
    """Return the glyph of the worst open finding of a run, known or not, else of how it is."""
    standing = [i for i in run.findings if not i.cleared and i.regard is not Regard.MUTED]
    worst = max((incident.standing for incident in standing), default=Severity.INFO)
    if worst > Severity.INFO:
        return worst.glyph
    if run.status == Status.CRASHED:
        return "✖"
    return "✓" if _checks(run) else "?"


def wellness(run: RunView) -> str:
    """Return how well a run without a leading warning is: what was checked, what could not be."""
    if run.status == Status.CRASHED:
        where = f" at step {run.last_step:,.0f}" if run.last_step is not None else ""
        told = any(event.kind == EventKind.EXCEPTION for event in run.lead.events[-_LAST_EVENTS:])
        return f"crashed{where}: {'an exception ended it' if told else 'its process is gone'}"
    checks = _checks(run)
    if not checks:
        return "nothing could be judged yet"
    looked = f"{checks} {'check' if checks == 1 else 'checks'}"
    could_not = f"; {len(run.not_judged)} could not be judged" if run.not_judged else ""
    return f"{_how_well(run)} in {looked}{could_not}"


def _how_well(run: RunView) -> str:
    counting = [i for i in run.findings if i.regard is not Regard.MUTED]
    known = sum(not i.cleared and not i.leads and i.standing > Severity.INFO for i in counting)
    minor = sum(incident.leads for incident in counting)
    over = sum(i.cleared and i.severity > Severity.INFO for i in counting)
    if known:
        beside = f"{minor} minor found" if minor else "nothing else found"
        return f"nothing new: {known} acknowledged, {beside}"
    if over:
        found = f"{over} {'finding is' if over == 1 else 'findings are'} over, nothing is open"
        return f"well again: {found}"
    return f"well: {minor} minor found" if minor else "well: nothing found"


def _checks(run: RunView) -> int:
    return len(run.clear) + len({finding.rule for finding in run.findings})


def _run(run: RunView, *, verbose: bool) -> Iterator[Line]:
    step = f", step {run.last_step:,.0f}" if run.last_step is not None else ""
    records = "1 record" if run.records == 1 else f"{run.records:,} records"
    status = "state unknown" if run.status is Status.UNKNOWN else run.status.value
    yield Line(f"{run.name}  {status}{step}, {records}, {run.format}", indent=0)
    yield Line(verdict(run))
    if run.status is Status.UNKNOWN and run.records and run.format in _TELL_ENDS:
        where = f" at step {run.last_step:,.0f}" if run.last_step is not None else ""
        yield Line(f"the log ends{where} without an end: killed, or still running elsewhere")
    if not verbose:
        run = replace(run, findings=tuple(row.finding for row in folded(run.findings)))
    yield from _findings(run, verbose=verbose)
    if verbose:
        yield from (Line(line) for line in assumptions(run))
        if run.clear:
            yield Line(f"in order: {', '.join(run.clear)}")
        yield from map(_not_judged, run.not_judged)
    yield from (Line(f"note: {notice}") for notice in run.notices)


_TELL_ENDS = frozenset({"trainmon"})
"""Formats whose writers tell when a run has ended: of others a last record is all there is."""


def _findings(run: RunView, *, verbose: bool) -> Iterator[Line]:
    """Yield the causes with what each explains, then what none of them does."""
    left = list(run.findings)
    led = run.trouble
    if led:
        yield from _differences(led)
    for diagnosis in _in_order(run, led):
        explained = [finding for finding in left if finding.rule in diagnosis.because]
        if not verbose and not any(_is_serious(finding) for finding in explained):
            continue
        left = [finding for finding in left if finding not in explained]
        yield from _block(diagnosis, explained, led, verbose=verbose)
    if led in left:
        left.remove(led)
    serious = [finding for finding in left if _is_serious(finding)]
    for finding in serious:
        yield from _finding(finding)
    for diagnosis in run.diagnosis:
        if diagnosis.role != "primary" and (verbose or led or serious):
            yield _beside(diagnosis)
    minor = [line for finding in left if finding not in serious for line in _finding(finding)]
    yield from at_most(minor, _ALL if verbose else _MINOR, "· {} more (-v tells them)")


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
    for number, step in enumerate(diagnosis.fix, start=1):
        yield Line(f"{number}. {step}", 4, 3)
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
    yield Line(_told(finding), indent)
    yield from _differences(finding, indent + 2)


def _told(finding: Incident) -> str:
    """Return a finding in a line: since when, what was seen, and how it stands."""
    state = f" ({finding.state})" if finding.state else ""
    return f"{finding.heading}: {clean(' '.join(finding.title.split()))}{state}"


def _differences(finding: Incident, indent: int = 4) -> Iterator[Line]:
    """Yield what the run has otherwise than one that worked."""
    if other := finding.evidence.get("reference"):
        for difference in finding.evidence.get("differences", ())[:_DIFFERENCES]:
            yield Line(f"otherwise than {other}: {difference}", indent)


def _not_judged(missing: NotJudged) -> Line:
    needs = ", ".join(missing.missing)
    return Line(f"not judged: {missing.rule} needs {needs}", hang=4, code=missing.log)
