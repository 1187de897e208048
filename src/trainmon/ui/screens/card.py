"""The card of a finding: what was measured, since when, what it means, what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from trainmon import rules
from trainmon.causes.ranking import Diagnosis
from trainmon.incidents import Incident
from trainmon.rule import Unit
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, number, share
from trainmon.ui.scene import Scene
from trainmon.ui.screens.sheet import Line, Sheet
from trainmon.ui.wording import INKS
from trainmon.view import RunView

Units = Mapping[str, Unit]

_LABEL = 20
"""Cells of a name of the evidence."""

_WAYS = {"primary": "likely cause", "accelerator": "made worse by", "enabler": "let go on by"}


class Card(Sheet):
    """One finding of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go(1)", "next finding", tooltip="the card of the next finding"),
        Binding("N", "go(-1)", "previous finding", tooltip="that of the previous one"),
    ]

    def __init__(self, scene: Scene, index: int, go: Callable[[int], None]) -> None:
        run = scene.run
        super().__init__(list(card_lines(run, run.findings[index])) if run else [])
        self._go = go

    def action_go(self, by: int) -> None:
        """Give way to the card of another finding."""
        self.dismiss()
        self.app.call_later(self._go, by)


def card_lines(run: RunView, incident: Incident) -> Iterator[Line]:
    """Yield the card: measured facts first, apart from what they may mean."""
    ink = INKS[incident.severity]
    state = "  over" if incident.cleared else "  live" if incident.live else ""
    heading = f"{incident.severity.glyph} {incident.rule}"
    yield [(heading, ink), (f"  in {run.name}{state}", Ink.DIM)]
    yield [(incident.title, Ink.STRONG)]
    yield []
    yield from _when(incident)
    yield []
    yield [("measured", Ink.TITLE)]
    units = rules.load(incident.rule).units
    for name, value in incident.evidence.items():
        yield from _evidence(name, value, units)
    for diagnosis in run.diagnosis:
        if incident.rule in diagnosis.because:
            yield []
            yield from _diagnosis(diagnosis)
    yield []
    yield [("when it stays quiet", Ink.TITLE)]
    yield [(_section(rules.page(incident.rule), "Stays quiet"), Ink.DIM)]
    yield []
    yield [(f"the whole page: trainmon explain {incident.rule}", Ink.DIM)]


def _when(incident: Incident) -> Iterator[Line]:
    yield [(f"{'since':{_LABEL}}", Ink.DIM), (incident.since.removeprefix("since "), Ink.TEXT)]
    if incident.step is not None:
        yield [(f"{'told at step':{_LABEL}}", Ink.DIM), (f"{incident.step:,.0f}", Ink.TEXT)]
    if incident.last_step is not None and incident.last_step != incident.step:
        yield [(f"{'last at step':{_LABEL}}", Ink.DIM), (f"{incident.last_step:,.0f}", Ink.TEXT)]
    if incident.times > 1:
        yield [(f"{'opened':{_LABEL}}", Ink.DIM), (f"{incident.times} times", Ink.TEXT)]
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
        (f"{_WAYS[diagnosis.role]}: ", Ink.TITLE),
        (diagnosis.title, Ink.STRONG),
        (f"  {diagnosis.confidence} confidence", Ink.DIM),
    ]
    for place, step in enumerate(diagnosis.fix, start=1):
        yield [(f"  {place}. ", Ink.KEY), (step, Ink.TEXT)]
    if diagnosis.rivals:
        yield [("  or ", Ink.DIM), (", ".join(diagnosis.rivals), Ink.TEXT)]
        yield [("  what decides: ", Ink.DIM), (diagnosis.decider, Ink.TEXT)]
    yield [("  what would disprove it: ", Ink.DIM), (diagnosis.disproof, Ink.TEXT)]


def _section(page: str, heading: str) -> str:
    """Return the paragraph under a heading of a page."""
    lines = page.split("\n")
    if heading not in lines:
        return ""
    start = lines.index(heading) + 2
    stop = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    return " ".join(lines[start:stop])
