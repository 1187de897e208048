"""What is to be said of a finding: what was measured, and apart from it what that may mean."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainmon import rules
from trainmon.causes.diagnosis import Diagnosis
from trainmon.incidents import Incident
from trainmon.many_ranks import in_ranges, standing_for
from trainmon.report.found import WAYS
from trainmon.report.not_judged import lacks
from trainmon.rule import Unit
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, number, share
from trainmon.ui.flow import Line
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

Units = Mapping[str, Unit]

_LABEL = 20
"""Cells of a name of the evidence."""


def card_lines(run: RunView, incident: Incident) -> Iterator[Line]:
    """Yield the card: measured facts first, apart from what they may mean."""
    yield from head_lines(run, incident)
    yield []
    yield from fact_lines(incident)
    yield from meaning_lines(run, incident)


def head_lines(run: RunView, incident: Incident) -> Iterator[Line]:
    """Yield which finding it is, how it stands, and what was seen in a sentence."""
    live = "  live" if incident.live and not incident.cleared else ""
    state = f"  {incident.state}" if incident.state else ""
    yield [
        (f"{incident.severity.glyph} {incident.rule}", ink_of(incident)),
        (f"  in {run.name}{live}", Ink.DIM),
        (state, Ink.STRONG),
    ]
    ranks = standing_for(run.findings, incident).ranks
    if ranks:
        yield [(f"on {len(ranks):,} ranks: ", Ink.DIM), (in_ranges(ranks), Ink.TEXT)]
    yield [(incident.title, Ink.STRONG)]


def fact_lines(incident: Incident) -> Iterator[Line]:
    """Yield where it is seen and what was measured."""
    yield from _when(incident)
    yield []
    yield [("measured", Ink.TITLE)]
    units = rules.load(incident.rule).units
    for name, value in incident.evidence.items():
        yield from _evidence(name, value, units)


def meaning_lines(run: RunView, incident: Incident) -> Iterator[Line]:
    """Yield causes, what to do, what would disprove it, and when the rule stays quiet.

    Each paragraph begins with an empty line. Where no cause is known, the rule's page says what to
    do.
    """
    causes = [each for each in run.diagnosis if incident.rule in each.because]
    page = rules.page(incident.rule)
    for diagnosis in causes:
        yield []
        yield from _diagnosis(diagnosis)
    sections = [] if causes else [("what to do", "What to do")]
    for heading, section in (*sections, ("when it stays quiet", "Stays quiet")):
        text = _section(page, section)
        if text:
            yield []
            yield [(heading, Ink.TITLE)]
            yield [(text, Ink.DIM)]
    yield []
    yield [(f"the whole page: trainmon explain {incident.rule}", Ink.DIM)]


def looked_lines(run: RunView) -> Iterator[Line]:
    """Yield what was looked at and in order, and what could not be, with the code that would help.

    Each paragraph begins with an empty line.
    """
    if run.clear:
        yield []
        yield [("✓ in order", Ink.TITLE)]
        yield [(f"  {', '.join(run.clear)}", Ink.DIM)]
    if run.not_judged:
        yield []
        yield [("? could not be judged", Ink.TITLE)]
        for lack in lacks(run.not_judged):
            names = ", ".join((*lack.alone, *(f"{rule}*" for rule in lack.partly)))
            yield [(f"  {names}", Ink.DIM)]
            yield [("    → ", Ink.KEY), (lack.log, Ink.TEXT)]
        if any(lack.partly for lack in lacks(run.not_judged)):
            yield [("  * needs more than this line", Ink.DIM)]


def _when(incident: Incident) -> Iterator[Line]:
    yield [(f"{'since':{_LABEL}}", Ink.DIM), (incident.since.removeprefix("since "), Ink.TEXT)]
    if incident.step is not None:
        yield [(f"{'told at step':{_LABEL}}", Ink.DIM), (f"{incident.step:,.0f}", Ink.TEXT)]
    if incident.last_step is not None and incident.last_step != incident.step:
        yield [(f"{'last at step':{_LABEL}}", Ink.DIM), (f"{incident.last_step:,.0f}", Ink.TEXT)]
    if incident.metric:
        yield [(f"{'metric':{_LABEL}}", Ink.DIM), (incident.metric, Ink.TEXT)]


def _evidence(name: str, value: Any, units: Units) -> Iterator[Line]:  # noqa: ANN401 - evidence is any JSON value
    label = f"  {name.replace('_', ' '):{_LABEL - 2}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value):
            words = _words(name, item, units)
            yield [(label if not place else " " * _LABEL, Ink.DIM), (words, Ink.TEXT)]
    elif value != "":
        yield [(label, Ink.DIM), (_words(name, value, units), Ink.TEXT)]


def _words(name: str, value: Any, units: Units) -> str:  # noqa: ANN401 - evidence is any JSON value
    if isinstance(value, Mapping):
        return "  ".join(f"{key} {_words(key, item, units)}" for key, item in value.items())
    if not isinstance(value, (int, float)):
        return str(value)
    spell = {"seconds": duration, "share": share}.get(units.get(name, ""), number)
    return spell(float(value))


def _diagnosis(diagnosis: Diagnosis) -> Iterator[Line]:
    yield [
        (f"{WAYS[diagnosis.role]}: ", Ink.TITLE),
        (diagnosis.title, Ink.STRONG),
        (f"  {diagnosis.confidence} confidence", Ink.DIM),
    ]
    for place, step in enumerate(diagnosis.fix, start=1):
        yield [(f"  {place}. ", Ink.KEY), (step, Ink.TEXT)]
    if diagnosis.undecided and diagnosis.rivals:
        both = f"  cannot tell {diagnosis.cause} from {diagnosis.rivals[0]}: "
        yield [(both, Ink.DIM), (diagnosis.decider, Ink.TEXT)]
    elif diagnosis.rivals:
        yield [("  or: ", Ink.DIM), (", ".join(diagnosis.rivals), Ink.TEXT)]
        yield [("  to tell: ", Ink.DIM), (diagnosis.decider, Ink.TEXT)]
    yield [("  what would disprove it: ", Ink.DIM), (diagnosis.disproof, Ink.TEXT)]


def _section(page: str, heading: str) -> str:
    """Return the paragraph under a heading of a page."""
    lines = page.split("\n")
    if heading not in lines:
        return ""
    start = lines.index(heading) + 2
    stop = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    return " ".join(lines[start:stop])
