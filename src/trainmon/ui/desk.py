"""What a person looks at and how, on whichever page: the view, the choice, how charts are drawn."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from trainmon.attention import Remembered
from trainmon.incidents import Key, Regard
from trainmon.rule import EventKind
from trainmon.ui.choice import Choice
from trainmon.ui.curves.looking import row_at, share_at, share_of
from trainmon.ui.findings.said import Said
from trainmon.ui.pixels.terminal import Pixels
from trainmon.ui.scene import Scene, Settings
from trainmon.view import Machine, RunView, View

if TYPE_CHECKING:  # it loads all rules and causes, which only those who travel need
    from trainmon.as_of.views import Past

_SAMPLES = 600
"""Samples of this machine that are kept: ten minutes, one a second."""


class Desk:
    """What all pages share. Owned by the thread that draws; whoever changes it draws anew."""

    def __init__(
        self,
        remembered: Remembered | None = None,
        pixels: Pixels | None = None,
        *,
        room: Callable[[], float] = lambda: inf,
    ) -> None:
        self.pixels = pixels
        """How charts are shown as pictures; None where they are text."""
        self.room = room
        """Tells how many bytes may be sent to the terminal now."""
        self.settings = Settings()
        self.choice = Choice()
        self.view: View | None = None
        """The view that is looked at."""
        self.now = 0.0
        """Unix seconds."""
        self.paused = False
        self._machines: deque[Machine] = deque(maxlen=_SAMPLES)
        self.moment: int | None = None
        """The row as of which the run is looked at; None is now."""
        self._then: tuple[View, RunView, int, View] | None = None
        """The view, the run and the row that were travelled to, and what there was to see."""
        self._past: Past | None = None
        self.pins: tuple[str, ...] = ()
        """Metrics that stand before all others, in the order in which they were pinned."""
        self.metric_filter = ""
        """What names of metrics are filtered by on their page."""
        self.log_search = ""
        """What is searched in the log."""
        self._said = Said(remembered)
        self._arrived: View | None = None
        """The newest view, which is not looked at while the screen is held still."""

    @property
    def notice(self) -> str:
        """What went wrong with remembering what was said of findings; empty if nothing did."""
        return self._said.notice

    @property
    def whole(self) -> RunView | None:
        """The run that is looked at, as it stands now."""
        return self.choice.run(self.view)

    @property
    def run(self) -> RunView | None:
        """The run that is looked at, as it stood at the moment that was travelled to."""
        return self.choice.run(self.shown)

    @property
    def shown(self) -> View | None:
        """The view that is looked at, as it was at the moment that was travelled to."""
        view, whole, moment = self.view, self.whole, self.moment
        if view is None or whole is None or moment is None:
            self._past = self._then = None  # they hold what may be large
            return view
        if self._past is None:
            from trainmon.as_of.views import Past  # noqa: PLC0415 - as said

            self._past = Past()
        then = self._then
        if then is None or then[0] is not view or then[1] is not whole or then[2] != moment:
            past = self._past.view(view, whole, moment, self._machines)
            then = self._then = view, whole, moment, self._said.laid_over(past)
        return then[3]

    @property
    def behind(self) -> int:
        """How many runs are not yet shown as they stood at the moment that was travelled to."""
        return self._past.behind if self._past and self.moment is not None else 0

    def travel(self, by: float) -> None:
        """Go back or forth by a part of the run; at its end it is now again."""
        whole = self.whole
        if whole is None or not whole.lead.n_rows:
            return
        here = whole.lead.n_rows - 1 if self.moment is None else self.moment
        at = share_at(whole.lead, self.settings, here) + by
        self._stand_at(whole, row_at(whole.lead, self.settings, max(at, 0.0)) if at < 1 else None)

    def travel_to_decision(self, by: int) -> None:
        """Go to where a finding opened, got worse or was over; behind the last it is now again."""
        whole = self.whole
        if whole is None:
            return
        turns = (each for each in whole.decisions if each.kind != EventKind.REPEATED)
        rows = sorted({each.row for each in turns})
        here = whole.lead.n_rows if self.moment is None else self.moment
        before = [row for row in rows if row < here]
        behind = [row for row in rows if row > here]
        if by < 0 and before:
            self._stand_at(whole, before[-1])
        elif by > 0:
            self._stand_at(whole, behind[0] if behind else None)

    def _stand_at(self, whole: RunView, row: int | None) -> None:
        self.moment = None if row is None or row >= whole.lead.n_rows - 1 else row

    @property
    def pointed_at(self) -> float | None:
        """At which part of the run the cross-hair stands, from 0 to 1; None if it is not shown."""
        run, row = self.run, self.settings.cross_hair
        return share_at(run.lead, self.settings, row) if run and row is not None else None

    def share_of(self, x: float) -> float | None:
        """Return at which part of the run a place on the axis of its charts is, from 0 to 1."""
        return share_of(self.run.drawn, self.settings, x) if self.run else None

    def point(self, at: float | None) -> None:
        """Point at a part of the run from 0 to 1, and show it; None takes the cross-hair away."""
        if at is None or self.run is None:
            self.settings = replace(self.settings, cross_hair=None)
            return
        at = min(max(at, 0.0), 1.0)
        row = row_at(self.run.lead, self.settings, at)
        window = self.settings.window.holding(at)
        self.settings = replace(self.settings, cross_hair=row, window=window)

    def choose(self, choice: Choice) -> None:
        """Look at something else."""
        if choice.looked_at != self.choice.looked_at:  # a row of one run is no place in another
            self.moment = None
            self.settings = replace(self.settings, cross_hair=None)
        self.choice = choice

    def take(self, view: View, now: float) -> None:
        """Take in a new view; while paused the earlier one stays."""
        self._arrived, self.now = view, now
        if view.machine and (not self._machines or self._machines[-1] is not view.machine):
            self._machines.append(view.machine)
        self._catch_up()

    def pause(self) -> None:
        """Hold what is looked at still, or go on."""
        self.paused = not self.paused
        self._catch_up()

    def pin(self, metric: str) -> None:
        """Pin a metric, or take it back."""
        others = tuple(name for name in self.pins if name != metric)
        self.pins = others if metric in self.pins else (*others, metric)

    def say(self, key: Key, regard: Regard) -> bool:
        """Say something of a finding, or take it back; return whether it is there."""
        run = self.whole
        finding = run.finding(key) if run else None
        if not run or not finding:
            return False
        self.view = self._said.say(run, finding, regard)
        findings = self.run.findings if self.run else ()
        at = next((at for at, each in enumerate(findings) if each.key == key), 0)
        self.choice = replace(self.choice, finding=at)
        return True

    def scene(self, *, terse: bool = False) -> Scene | None:
        """Return what panels draw; None before the first view."""
        if self.behind:  # each scene shows a few runs more as they stood then
            self._then = None
        view = self.shown
        if view is None:
            return None
        return Scene(
            view=view,
            now=self.now,
            settings=self.settings,
            run=self.run,
            whole=self.whole,
            moment=self.moment,
            behind=self.behind,
            overlays=self.choice.overlays(view),
            runs=self.choice.runs(view),
            run_filter=self.choice.run_filter,
            run_order=self.choice.run_order,
            machines=self._samples(view),
            selected=self.choice.finding,
            said=self._said.times,
            cursor=self.choice.cursor,
            pins=self.pins,
            pixels=self.pixels,
            paused=self.paused,
            terse=terse,
        )

    def _samples(self, view: View) -> tuple[Machine, ...]:
        """Return the samples of the machine up to the one that a view shows."""
        if self.moment is None:
            return tuple(self._machines)
        last = view.machine.time if view.machine else 0.0
        return tuple(each for each in self._machines if each.time <= last)

    def _catch_up(self) -> None:
        if self._arrived and not self.paused:
            self.view = self._said.of(self._arrived)
            self.choose(self.choice.among(self.view))
