"""What a person looks at and how, on whichever page: the view, the choice, how charts are drawn."""

from dataclasses import replace

from trainmon.attention import Remembered
from trainmon.incidents import Key, Regard
from trainmon.ui.choice import Choice
from trainmon.ui.looking import row_at, share_at
from trainmon.ui.said import Said
from trainmon.ui.scene import Scene, Settings
from trainmon.view import RunView, View


class Desk:
    """What all pages share. Owned by the thread that draws; whoever changes it draws anew."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self.settings = Settings()
        self.choice = Choice()
        self.view: View | None = None
        """The view that is looked at."""
        self.now = 0.0
        """Unix seconds."""
        self.paused = False
        self._said = Said(remembered)
        self._arrived: View | None = None
        """The newest view, which is not looked at while the screen is held still."""

    @property
    def notice(self) -> str:
        """What went wrong with remembering what was said of findings; empty if nothing did."""
        return self._said.notice

    @property
    def run(self) -> RunView | None:
        """The run that is looked at."""
        return self.choice.run(self.view)

    @property
    def pointed_at(self) -> float | None:
        """At which part of the run the cross-hair stands, from 0 to 1; None if it is not shown."""
        run, row = self.run, self.settings.cross_hair
        return share_at(run.lead, self.settings, row) if run and row is not None else None

    def point(self, at: float | None) -> None:
        """Point at a part of the run from 0 to 1, and show it; None takes the cross-hair away."""
        if at is None or self.run is None:
            self.settings = replace(self.settings, cross_hair=None)
            return
        at = min(max(at, 0.0), 1.0)
        row = row_at(self.run.lead, self.settings, at)
        window = self.settings.window.holding(at)
        self.settings = replace(self.settings, cross_hair=row, window=window)

    def take(self, view: View, now: float) -> None:
        """Take in a new view; while paused the earlier one stays."""
        self._arrived, self.now = view, now
        self._catch_up()

    def pause(self) -> None:
        """Hold what is looked at still, or go on."""
        self.paused = not self.paused
        self._catch_up()

    def say(self, key: Key, regard: Regard) -> bool:
        """Say something of a finding, or take it back; return whether it is there."""
        run = self.run
        finding = run.finding(key) if run else None
        if not run or not finding:
            return False
        self.view = self._said.say(run, finding, regard)
        findings = self.run.findings if self.run else ()
        at = [each.key for each in findings].index(key)
        self.choice = replace(self.choice, finding=at)
        return True

    def scene(self, *, terse: bool = False) -> Scene | None:
        """Return what panels draw; None before the first view."""
        if self.view is None:
            return None
        return Scene(
            view=self.view,
            now=self.now,
            settings=self.settings,
            run=self.run,
            overlays=self.choice.overlays(self.view),
            selected=self.choice.finding,
            said=self._said.times,
            cursor=self.choice.cursor,
            paused=self.paused,
            terse=terse,
        )

    def _catch_up(self) -> None:
        if self._arrived and not self.paused:
            self.view = self._said.of(self._arrived)
            self.choice = self.choice.among(self.view)
