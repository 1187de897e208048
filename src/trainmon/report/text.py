"""The judgement as a short text: verdict, evidence, what to do, what could not be judged."""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from trainmon.causes.ranking import Diagnosis
from trainmon.record import EventKind
from trainmon.report.assumptions import assumptions
from trainmon.rule import Severity
from trainmon.text import clean
from trainmon.view import RunView, Status, View

_LAST_EVENTS = 10
"""Events among which an exception that ended the run is looked for."""

_DIFFERENCES = 4
"""Differences from a run that worked which are told; ``trainmon compare`` tells them all."""


def as_text(view: View, *, verbose: bool = False) -> str:
    """Return the judgement of all runs; the superseded ones of a file in one line."""
    lines: list[str] = []
    superseded = Counter(run.path for run in view.runs if run.superseded and not verbose)
    for run in view.runs:
        if verbose or not run.superseded:
            lines += [*_run(run, verbose=verbose), ""]
    lines += [
        f"{clean(PurePath(path).name)}: {count} earlier {'run' if count == 1 else 'runs'} in the "
        "same file, superseded"
        for path, count in superseded.items()
    ]
    lines += [f"note: {notice}" for notice in view.notices]
    return "\n".join(lines).rstrip("\n") + "\n" if lines else ""


def verdict(run: RunView) -> str:
    """Return the state of a run in one sentence.

    The worst open finding speaks; without one the run is well as far as it could be judged.
    """
    worst = run.worst
    if worst is not None and worst.severity > Severity.INFO:
        return f"{worst.heading}: {clean(worst.title)}"
    return wellness(run)


def wellness(run: RunView) -> str:
    """Return how well a run without an open warning is: what was checked, what could not be."""
    if run.status == Status.CRASHED:
        where = f" at step {run.last_step:,.0f}" if run.last_step is not None else ""
        told = any(event.kind == EventKind.EXCEPTION for event in run.lead.events[-_LAST_EVENTS:])
        return f"crashed{where}: {'an exception ended it' if told else 'its process is gone'}"
    checks = len(run.clear) + len({finding.rule for finding in run.findings})
    looked = f"{checks} {'check' if checks == 1 else 'checks'}"
    could_not = f"; {len(run.not_judged)} could not be judged" if run.not_judged else ""
    if not checks:
        return "nothing could be judged yet"
    minor = sum(not finding.cleared for finding in run.findings)
    over = sum(f.cleared and f.severity > Severity.INFO for f in run.findings)
    found = f"{minor} minor found" if minor else "nothing found"
    if over:
        found = f"{over} {'finding is' if over == 1 else 'findings are'} over, nothing is open"
    return f"well{' again' if over else ''}: {found} in {looked}{could_not}"


def _run(run: RunView, *, verbose: bool) -> Iterator[str]:
    step = f", step {run.last_step:,.0f}" if run.last_step is not None else ""
    records = "1 record" if run.records == 1 else f"{run.records:,} records"
    yield f"{run.name}  {run.status.value}{step}, {records}, {run.format}"
    yield f"  {verdict(run)}"
    if verbose:
        yield from (f"  {line}" for line in assumptions(run))
    for finding in run.findings:
        if finding is not run.worst or finding.severity == Severity.INFO:
            state = " (over)" if finding.cleared else ""
            yield f"  {finding.heading}: {finding.title}{state}"
        if other := finding.evidence.get("reference"):
            for difference in finding.evidence.get("differences", ())[:_DIFFERENCES]:
                yield f"    otherwise than {other}: {difference}"
    for diagnosis in run.diagnosis:
        yield from _diagnosis(diagnosis)
    if verbose and run.clear:
        yield f"  in order: {', '.join(run.clear)}"
    for missing in run.not_judged:
        yield f"  not judged: {missing.rule} needs {', '.join(missing.missing)}: {missing.log}"
    for notice in run.notices:
        yield f"  note: {notice}"


def _diagnosis(diagnosis: Diagnosis) -> Iterator[str]:
    yield f"  {_role(diagnosis)}: {diagnosis.title} ({diagnosis.confidence} confidence)"
    for number, step in enumerate(diagnosis.fix, start=1):
        yield f"    {number}. {step}"
    if diagnosis.rivals:
        yield f"    or: {', '.join(diagnosis.rivals)}; to tell: {diagnosis.decider}"


def _role(diagnosis: Diagnosis) -> str:
    return {"primary": "cause", "accelerator": "made worse by", "enabler": "let go on by"}[
        diagnosis.role
    ]
