"""The judgement as a short text: verdict, evidence, what to do, what could not be judged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from trainmon.causes.diagnosis import Diagnosis
from trainmon.incidents import Regard
from trainmon.many_ranks import folded, standing_for
from trainmon.record import EventKind
from trainmon.report.assumptions import assumptions
from trainmon.report.found import findings_of, in_a_line
from trainmon.report.lines import Line, rendered
from trainmon.report.not_judged import each_line, lines_on
from trainmon.rule import Severity
from trainmon.text import clean
from trainmon.view import RunView, Status, View

_LAST_EVENTS = 10
"""Events among which an exception that ended the run is looked for."""


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
        return in_a_line(standing_for(run.findings, run.trouble))
    return f"{mark(run)} {wellness(run)}"


def mark(run: RunView) -> str:
    """Return the glyph of the worst open finding of a run, known or not, else of how it is."""
    standing = [i for i in run.findings if not i.cleared and i.regard is not Regard.MUTED]
    worst = max((incident.standing for incident in standing), default=Severity.INFO)
    if worst > Severity.INFO:
        return worst.glyph
    if run.status == Status.CRASHED:
        return "✖"
    if surely(run):
        return Severity.INFO.glyph
    return "✓" if _checks(run) else "?"


def surely(run: RunView) -> Diagnosis | None:
    """Return the cause that is sure where all that is found is minor; None where none is."""
    standing = {incident.rule for incident in run.findings if incident.leads}
    sure = (each for each in run.diagnosis if each.role == "primary" and each.confidence == "high")
    return next((each for each in sure if not standing.isdisjoint(each.because)), None)


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
    if cause := surely(run):
        return f"to be looked at: {cause.title}; {minor} minor found"
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
    yield from findings_of(run, verbose=verbose)
    if verbose:
        yield from (Line(line) for line in assumptions(run))
        if run.clear:
            yield Line(f"in order: {', '.join(run.clear)}")
        yield from each_line(run.not_judged)
    yield from (Line(f"note: {notice}") for notice in run.notices)


_TELL_ENDS = frozenset({"trainmon"})
"""Formats whose writers tell when a run has ended: of others a last record is all there is."""
