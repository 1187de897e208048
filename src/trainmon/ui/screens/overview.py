"""The overview: what matters now, the worst finding first."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from trainmon.attention import Remembered
from trainmon.incidents import Key, Regard
from trainmon.ui.choice import Choice
from trainmon.ui.keys import shown_keys
from trainmon.ui.layout import arrange, fit
from trainmon.ui.panel import Panel, panels_of
from trainmon.ui.panels import style_sheets
from trainmon.ui.panels.data_wait import DataWaitPanel
from trainmon.ui.panels.findings import FindingsPanel
from trainmon.ui.panels.footer import Footer
from trainmon.ui.panels.gradient import GradientPanel
from trainmon.ui.panels.header import Header
from trainmon.ui.panels.learning_rate import LearningRatePanel
from trainmon.ui.panels.loss import LossPanel
from trainmon.ui.panels.machine import MachinePanel
from trainmon.ui.panels.runs import RunsPanel
from trainmon.ui.panels.strip import Strip
from trainmon.ui.panels.verdict import Verdict
from trainmon.ui.said import Said
from trainmon.ui.scene import Scene, Settings
from trainmon.ui.screens.card import Card
from trainmon.ui.screens.help import Help
from trainmon.ui.screens.metrics import MetricPicker
from trainmon.view import View


class Overview(Screen[None]):
    """All panels on one screen."""

    CSS_PATH = [Path(__file__).with_suffix(".tcss"), *style_sheets()]  # noqa: RUF012 - Textual's name and type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "next panel", tooltip="the next panel"),
        Binding(
            "shift+tab", "app.focus_previous", "last panel", show=False, tooltip="the panel before"
        ),
        Binding("enter", "maximise", "open", tooltip="maximise the panel, or back to all"),
        Binding("escape", "back", "back", show=False, tooltip="back to all panels"),
        Binding("slash", "metrics", "metrics", tooltip="find a metric by its name"),
        Binding("n", "finding(1)", "next finding", tooltip="the card of the next finding"),
        Binding(
            "N", "finding(-1)", "previous finding", show=False, tooltip="that of the previous one"
        ),
        Binding("s", "smooth(1)", "smooth", tooltip="smooth more; the raw band stays underneath"),
        Binding("S", "smooth(-1)", "smooth less", show=False, tooltip="smooth less, or not at all"),
        Binding("y", "log_y", "log y", tooltip="logarithmic y axis, or not"),
        Binding("x", "x_kind", "axis", tooltip="the next x axis: step, epoch, time"),
        Binding("o", "robust", "outliers", show=False, tooltip="show outliers too, or not"),
        Binding("p", "pause", "pause", tooltip="hold the screen still, or go on"),
    ]

    AUTO_FOCUS = "LossPanel"

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """The panel that has the keys. It repaints itself; Textual would repaint the whole screen."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        super().__init__()
        self._said = Said(remembered)
        self._view: View | None = None
        self._arrived: View | None = None
        """The newest view, which is not looked at while the screen is held still."""
        self._now = 0.0
        self._settings = Settings()
        self._choice = Choice()
        self._paused = False
        self._maximised: Panel | None = None

    def compose(self) -> ComposeResult:
        """Lay the panels out; what a small terminal has no room for is hidden by the styles."""
        yield Header(id="header")
        yield Verdict(id="verdict")
        with Horizontal(id="charts"):
            with Vertical(id="left"):
                yield LossPanel(id="loss")
                yield LearningRatePanel(id="learning-rate")
            with Vertical(id="right"):
                yield GradientPanel(id="gradient")
                yield DataWaitPanel(id="data-wait")
                yield MachinePanel(id="machine")
        yield Strip(id="strip")
        with Horizontal(id="lists"):
            yield FindingsPanel(id="findings")
            yield RunsPanel(id="runs")
        yield Footer(shown_keys(self.app, self), id="footer")

    def on_mount(self) -> None:
        """Tell it if what was said of findings could not be read."""
        self._tell_notice()

    def on_resize(self, event: events.Resize) -> None:
        """Choose between charts and sparklines."""
        self._arrange(event.size.height, event.size.width)

    def show(self, view: View, now: float) -> None:
        """Draw a view; while paused only the age of the last record goes on."""
        self._arrived, self._now = view, now
        self._catch_up()
        self._draw()

    def tick(self, now: float) -> None:
        """Let the age of the last record go on."""
        self._now = now
        if self._view:
            for header in self.query(Header):  # it is gone when the screen is being closed
                header.show(self._scene(self._view))

    def action_maximise(self) -> None:
        """Give the whole middle of the screen to the focused panel, or back to all."""
        if self._maximised:
            self.action_back()
        elif isinstance(self.focused, Panel) and self.focused in self.query("#charts Panel"):
            self._maximised = self.focused
            self._arrange(*self.size[::-1])

    def action_back(self) -> None:
        """Show all panels again."""
        self._maximised = None
        self._arrange(*self.size[::-1])

    def action_smooth(self, by: int) -> None:
        """Smooth more or less."""
        self._set(self._settings.smoothed(by))

    def action_log_y(self) -> None:
        """Switch the logarithmic y axis."""
        self._set(replace(self._settings, log_y=not self._settings.log_y))

    def action_robust(self) -> None:
        """Switch the robust y range."""
        self._set(replace(self._settings, robust=not self._settings.robust))

    def action_x_kind(self) -> None:
        """Go on to the next x axis."""
        self._set(self._settings.with_next_x())

    def action_pause(self) -> None:
        """Hold the screen still, or let it go on."""
        self._paused = not self._paused
        self._catch_up()
        self._draw()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(self))

    def action_metrics(self) -> None:
        """Look for a metric by its name."""
        if self._view:
            self.app.push_screen(MetricPicker(self._scene(self._view)))

    def action_finding(self, by: int) -> None:
        """Open the card of the next or the previous finding."""
        run = self._choice.run(self._view)
        if run and run.findings:
            at = (self._choice.finding + by) % len(run.findings) if self._choice.opened else 0
            self._open(at)

    @on(Verdict.Explain)
    def _explain(self) -> None:
        self._open(0)

    @on(FindingsPanel.Opened)
    def _open_finding(self, event: FindingsPanel.Opened) -> None:
        self._open(event.index)

    @on(FindingsPanel.Moved)
    def _move_finding(self, event: FindingsPanel.Moved) -> None:
        self._choose(replace(self._choice, finding=event.index))

    @on(FindingsPanel.Regarded)
    def _regard(self, event: FindingsPanel.Regarded) -> None:
        self._say(event.key, event.regard)

    @on(RunsPanel.Moved)
    def _move_run(self, event: RunsPanel.Moved) -> None:
        self._choose(replace(self._choice, cursor=event.key))

    @on(RunsPanel.Chosen)
    def _choose_run(self, event: RunsPanel.Chosen) -> None:
        self._choose(self._choice.looking_at(event.key))

    @on(RunsPanel.Overlaid)
    def _overlay_run(self, event: RunsPanel.Overlaid) -> None:
        self._choose(self._choice.overlaid(event.key))

    def _catch_up(self) -> None:
        if self._arrived and not self._paused:
            self._view = self._said.of(self._arrived)
            self._choice = self._choice.among(self._view)

    def _say(self, key: Key, regard: Regard) -> None:
        """Say something of a finding, or take it back; the cursor stays on it."""
        run = self._choice.run(self._view)
        finding = run.finding(key) if run else None
        if not run or not finding:
            return
        self._view = self._said.say(run, finding, regard)
        self._tell_notice()
        findings = run.findings if (run := self._choice.run(self._view)) else ()
        at = [each.key for each in findings].index(key)
        self._choose(replace(self._choice, finding=at))

    def _say_on_card(self, key: Key, regard: Regard) -> None:
        """Say something of a finding, and open its card again."""
        self._say(key, regard)
        self._open(self._choice.finding)

    def _tell_notice(self) -> None:
        if self._said.notice:
            self.notify(self._said.notice, severity="warning", markup=False)

    def _open(self, index: int) -> None:
        run = self._choice.run(self._view)
        if run and index < len(run.findings) and self._view:
            self._choose(replace(self._choice, finding=index, opened=True))
            card = Card(run, run.findings[index], self.action_finding, self._say_on_card)
            self.app.push_screen(card)

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        self._draw()

    def _set(self, settings: Settings) -> None:
        self._settings = settings
        self._draw()

    def _scene(self, view: View) -> Scene:
        return Scene(
            view=view,
            now=self._now,
            settings=self._settings,
            run=self._choice.run(view),
            overlays=self._choice.overlays(view),
            selected=self._choice.finding,
            said=self._said.times,
            cursor=self._choice.cursor,
            paused=self._paused,
            terse=self.has_class("terse"),
        )

    def _draw(self) -> None:
        if self._view:
            scene = self._scene(self._view)
            fit(self, scene)
            for screen in (self, *self.app.screen_stack):
                for panel in panels_of(screen):
                    panel.show(scene)

    def _arrange(self, height: int, width: int) -> None:
        arrange(self, height, width, self._maximised)
        self.call_after_refresh(self._draw)
