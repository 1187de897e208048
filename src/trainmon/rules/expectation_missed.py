"""What was expected of a metric beforehand did not come true.

Looks for
---------
Expectations in the configuration, such as ``{"val/f1": "> 0.1 by epoch 10"}``, whose time has come.

Why it matters
--------------
Nobody knows a run better than the person who planned it. A number written down before it began is
the cheapest and the most specific alarm there is, and it cannot be talked away later.

Fires when
----------
The deadline lies behind and no value up to it was on the right side of the bound: at the first
record that is looked at behind the deadline, or at the metric's own evaluation right at it. An
expectation without a deadline is due at the end of the plan, or when the run says that it has
finished. It is a warning; where the metric was never logged it says so. An expectation that cannot
be understood is told as info, at once.

Stays quiet
-----------
Before the time. Once a value was on the right side in time, whatever comes later. On runs that end
before the deadline.

What to do
----------
Compare with the run that the expectation was taken from: what differs in data, learning rate and
batch size? If the expectation was wrong, write down the better one for the next run.

Sources
-------
Preregistration in the sciences: Nosek and others, The preregistration revolution (2018).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("expectation-missed")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('warning', 'val/f1 was to be > 0.1 by epoch 10: the best so far is 0.05')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from trainmon.configuration import Setting
from trainmon.context import Context
from trainmon.expectation import Expectation
from trainmon.expected import (
    expectations_in,
    meets,
    metric_meant,
    nearest,
    over_at,
    places,
    understood,
)
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity, known
from trainmon.rule import EventKind as Kind
from trainmon.store.batch import HEADER, Record, Rows
from trainmon.threshold import threshold

Phase = Literal["new", "open", "met", "missed", "odd"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What has become of one expectation."""

    text: str
    phase: Phase = "new"
    best: float = float("nan")
    """The value nearest to the right side of the bound so far, or furthest on it."""
    onset: int = 0
    """The row at which it was missed."""


@dataclass(frozen=True, slots=True)
class Hopes:
    """What is expected of a run."""

    settings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """Those that tell the expectations."""
    outlooks: Mapping[str, Outlook] = field(default_factory=lambda: MappingProxyType({}))
    """By metric."""


@dataclass(frozen=True)
class ExpectationMissed(Rule[Hopes]):
    """An expectation whose time has come and that is not met."""

    id = "expectation-missed"
    summary = "what was expected of a metric beforehand did not come true in time"
    needs = (
        Need(
            "expect",
            (),
            'log = Writer("run", expect={"val/f1": "> 0.1 by epoch 10"})',
            settings=("expect",),
        ),
    )
    hears = frozenset({HEADER, EventKind.CONFIG, EventKind.FINISH})

    once: float = threshold(
        0.99, "epochs between evaluations: then the one at the deadline is the last chance"
    )

    def watched(self, context: Context) -> Collection[str]:
        """Return the expected metrics, and those of evaluations, at which time is told."""
        expected = expectations_in(context.settings)
        if not expected:
            return ()
        logged = (metric_meant(name, context) for name in expected)
        return {*filter(None, logged), *context.names(Role.VAL_LOSS, Role.VAL_METRIC)}

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss, which goes on where evaluations do not."""
        expected = bool(expectations_in(context.settings))
        return (context.train_loss,) if expected and context.train_loss else ()

    def begin(self) -> Hopes:
        """Return the state before the first row."""
        return Hopes()

    def step(self, state: Hopes, context: Context, block: Block) -> tuple[Hopes, list[Event]]:
        """Look at what is still open, and at what was missed and came true later."""
        if state.settings is not context.settings:
            state = _renewed(state, context)
        if not state.outlooks:
            return state, []
        looks = self._looks(context, block)
        outlooks, events = dict(state.outlooks), list[Event]()
        for name in state.outlooks if len(looks) else ():
            for follow in (self._understand, self._await, self._revise):
                outlooks[name], now = follow(name, outlooks[name], looks, context, block)
                events += now
        state = replace(state, outlooks=MappingProxyType(outlooks))
        return state, sorted(events, key=lambda event: event.row)

    def _looks(self, context: Context, block: Block) -> Rows:
        """Return the rows of a block at which it is looked, ascending: the same at any cut."""
        rows = [block.samples(name).rows for name in self.watched(context)]
        for name in self.paced(context):
            digest = block.digest(name)
            rows.append(digest.rows[digest.since(block.start) :])
        heard = [event.row for event in block.events if event.kind in self.hears]
        rows.append(np.array(heard, np.int32))
        return np.unique(np.concatenate(rows))

    def _understand(
        self, name: str, outlook: Outlook, looks: Rows, context: Context, block: Block
    ) -> tuple[Outlook, list[Event]]:
        """Return whether an expectation can be understood."""
        del context, block
        wanted = understood(outlook.text)
        if outlook.phase != "new":
            return outlook, []
        if name and not isinstance(wanted, str):
            return replace(outlook, phase="open"), []
        row = int(looks[0])
        why = wanted if isinstance(wanted, str) else "it is of no metric"
        title = f"what is expected of {name or 'the run'} cannot be understood: {why}"
        evidence = {"expected": outlook.text, "reason": "not understood"}
        event = Event(Kind.OPENED, row, row, Severity.INFO, title, name or None, evidence)
        return replace(outlook, phase="odd", onset=row), [event]

    def _await(
        self, name: str, outlook: Outlook, looks: Rows, context: Context, block: Block
    ) -> tuple[Outlook, list[Event]]:
        """Return whether an expectation was met in time, or its time is over."""
        wanted = understood(outlook.text)
        if outlook.phase != "open" or isinstance(wanted, str):
            return outlook, []
        metric = metric_meant(name, context)
        samples = block.samples(metric)
        late = places(wanted, block, samples.rows) > (wanted.deadline or np.inf)
        met = samples.rows[meets(wanted, samples.values) & ~late]
        due = over_at(wanted, metric, looks, context, block, self.once)
        if len(met) and (due is None or met[0] <= due):
            return replace(outlook, phase="met"), []
        seen = samples.values[~late & (samples.rows <= (block.stop if due is None else due))]
        outlook = replace(outlook, best=nearest(wanted, np.append(seen, outlook.best)))
        if due is None:
            return outlook, []
        event = _missed(name, outlook, wanted, due, block, logged=metric is not None)
        return replace(outlook, phase="missed", onset=due), [event]

    def _revise(
        self, name: str, outlook: Outlook, looks: Rows, context: Context, block: Block
    ) -> tuple[Outlook, list[Event]]:
        """Return whether what was missed has come true after its time."""
        del looks
        wanted = understood(outlook.text)
        if outlook.phase != "missed" or isinstance(wanted, str):
            return outlook, []
        samples = block.samples(metric_meant(name, context))
        rows = samples.rows[meets(wanted, samples.values) & (samples.rows > outlook.onset)]
        if not len(rows):
            return outlook, []
        row = int(rows[0])
        title = f"{name} is {wanted.comparison} {wanted.bound:g} after all"
        event = Event(Kind.CLEARED, row, outlook.onset, Severity.WARNING, title, name)
        return replace(outlook, phase="met"), [event]

    @staticmethod
    def fires() -> list[Record]:
        """An F1 that was to exceed 0.1 by epoch 10 and stands at 0.05."""
        header: Record = {"trainmon": 1, "config": {"expect": {"val/f1": "> 0.1 by epoch 10"}}}
        rows: list[Record] = [{"epoch": epoch, "val/f1": 0.05} for epoch in range(1, 13)]
        return [header, *rows]

    @staticmethod
    def quiet() -> list[Record]:
        """An F1 that exceeded it in time and fell back."""
        header: Record = {"trainmon": 1, "config": {"expect": {"val/f1": "> 0.1 by epoch 10"}}}
        values = (0.02, 0.05, 0.12, 0.11, 0.08, 0.06, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05)
        rows: list[Record] = [{"epoch": n, "val/f1": value} for n, value in enumerate(values, 1)]
        return [header, *rows]


def _renewed(state: Hopes, context: Context) -> Hopes:
    """Return the state with what the configuration tells now; what is known of it stays."""
    outlooks = {
        name: before
        if (before := state.outlooks.get(name)) and before.text == text
        else Outlook(text)
        for name, text in expectations_in(context.settings).items()
    }
    return Hopes(context.settings, MappingProxyType(outlooks))


def _missed(
    name: str, outlook: Outlook, wanted: Expectation, row: int, block: Block, *, logged: bool
) -> Event:
    """Return that an expectation did not come true."""
    by = f"by {wanted.unit} {wanted.deadline:g}" if wanted.deadline else "by the end"
    said = f"{wanted.comparison} {wanted.bound:g} {by}"
    far = f"the best so far is {outlook.best:.4g}" if isfinite(outlook.best) else ""
    so_far = far or ("it was never a number" if logged else "it was never logged")
    evidence: dict[str, Any] = {
        "expected": outlook.text,
        "comparison": wanted.comparison,
        "bound": wanted.bound,
        "reason": "not reached" if far else "never logged",
        "best": outlook.best,
        "step": float(block.steps[row]),
        "epoch": float(block.epochs[row]),
    }
    if wanted.deadline is not None:
        evidence |= {"unit": wanted.unit, "deadline": wanted.deadline}
    title = f"{name} was to be {said}: {so_far}"
    return Event(Kind.OPENED, row, row, Severity.WARNING, title, name, known(evidence))
