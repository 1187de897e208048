"""The card of a finding: what was measured, since when, what it means, what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from trainmon import rules
from trainmon.causes.ranking import Diagnosis
from trainmon.incidents import Incident, Key, Regard
from trainmon.report.text import WAYS
from trainmon.rule import Unit
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, number, share
from trainmon.ui.keys import bindings_of, spelled
from trainmon.ui.screens.sheet import Line, Sheet
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

Units = Mapping[str, Unit]

_LABEL = 20
"""Cells of a name of the evidence."""

Say = Callable[[Key, Regard], None]
"""Says something of a finding, or takes it back."""


class Card(Sheet):
    """One finding of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go(1)", "next finding", tooltip="the card of the next finding"),
        Binding("N", "go(-1)", "previous finding", show=False, tooltip="that of the previous one"),
        Binding(
            "a",
            "regard('acknowledged')",
            "acknowledge",
            id="card.acknowledge",
            tooltip="acknowledge the finding, or not",
        ),
        Binding(
            "m",
            "regard('muted')",
            "mute",
            id="card.mute",
            tooltip="mute the finding, or not",
        ),
    ]

    def __init__(
        self, run: RunView, incident: Incident, go: Callable[[int], None], say: Say
    ) -> None:
        super().__init__(list(card_lines(run, incident)), _keys())
        self._key = incident.key
        self._go = go
        self._say = say

    def action_go(self, by: int) -> None:
        """Give way to the card of another finding."""
        self.dismiss()
        self.app.call_later(self._go, by)

    def action_regard(self, regard: str) -> None:
        """Give way to the card as it is when this is said of the finding."""
        self.dismiss()
        self.app.call_later(self._say, self._key, Regard(regard))


def card_lines(run: RunView, incident: Incident) -> Iterator[Line]:
    """Yield the card: measured facts first, apart from what they may mean."""
    live = "  live" if incident.live and not incident.cleared else ""
    state = f"  {incident.state}" if incident.state else ""
    yield [
        (f"{incident.severity.glyph} {incident.rule}", ink_of(incident)),
        (f"  in {run.name}{live}", Ink.DIM),
        (state, Ink.STRONG),
    ]
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


def _keys() -> str:
    """Return what can be done here, in words."""
    shown = [binding for binding in bindings_of(Card) if binding.show]
    words = [f"{spelled(each.key.partition(',')[0])} {each.description}" for each in shown]
    return "   ".join(words)


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
