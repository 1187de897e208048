"""A page: panels under the run they tell of, with the keys below; all pages share one desk."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.widget import Widget

from trainmon.incidents import Key, Regard
from trainmon.ui.choice import Choice
from trainmon.ui.desk import Desk
from trainmon.ui.keys.bindings import shown_keys
from trainmon.ui.keys.keeping_keys import KeepingKeys
from trainmon.ui.layout import arrange, fit, show_scrubber
from trainmon.ui.pages import PAGES
from trainmon.ui.panel import Panel, panels_of
from trainmon.ui.panels import style_sheets
from trainmon.ui.panels.findings import FindingsPanel
from trainmon.ui.panels.footer import Footer
from trainmon.ui.panels.header import Header
from trainmon.ui.panels.scrubber import Scrubber
from trainmon.ui.panels.verdict import Verdict
from trainmon.ui.terminal.spans import SpanCompositor
from trainmon.view import View

_FOLDER = Path(__file__).parent / "pages"

_SOON = 0.05
"""Seconds until more runs are shown as they stood at an earlier time: keys come in between."""

_LATE = 0.05
"""Seconds after which a slow line may have room for more of a frame that was too large for it."""

_NEEDED = ("?", "/")
"""Keys that a person looks for first."""


class Page(KeepingKeys):
    """What every page has: header, verdict, footer, and the keys that do the same everywhere."""

    CSS_PATH = [*sorted(_FOLDER.glob("*.tcss")), *style_sheets()]  # noqa: RUF012 - Textual's name and type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "next panel", tooltip="the next panel"),
        Binding(
            "shift+tab", "app.focus_previous", "last panel", show=False, tooltip="the panel before"
        ),
        Binding("enter", "maximise", "open", tooltip="maximise the panel, or back to all"),
        Binding("escape", "back", "back", show=False, tooltip="back to all panels, or to now"),
        Binding("slash", "metrics", "metrics", tooltip="find a metric by its name"),
        Binding("n", "finding(1)", "next finding", tooltip="the card of the next finding"),
        Binding(
            "N", "finding(-1)", "previous finding", show=False, tooltip="that of the previous one"
        ),
        Binding("p", "pause", "pause", tooltip="hold the screen still, or go on"),
        *(
            Binding(key, f"app.page('{name}')", name, show=False, tooltip=f"the {name} page")
            for name, key in PAGES.items()
        ),
    ]

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """The panel that has the keys. It repaints itself; Textual would repaint the whole screen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._compositor = self._painter = SpanCompositor()
        self._late: set[Widget] = set()
        """Those of which a slow line had no room for all."""
        self._maximised: Panel | None = None

    def compose(self) -> ComposeResult:
        """Lay the panels of the page out between the run and the keys."""
        yield Header(id="header")
        yield Verdict(id="verdict")
        yield from self.body()
        yield Scrubber(id="scrubber")
        pages = [(key, name) for name, key in PAGES.items()]
        here = self.called
        keys = sorted(shown_keys(type(self.app), type(self)), key=_needed_first)
        yield Footer(pages, here, keys, id="footer")

    @abstractmethod
    def body(self) -> Iterable[Widget]:
        """Return the panels of this page, in their containers."""

    def on_mount(self) -> None:
        """Tell it if what was said of findings could not be read."""
        self._tell_notice()

    def on_resize(self, event: events.Resize) -> None:
        """Choose what there is room for."""
        self._arrange(event.size.height, event.size.width)

    def on_screen_resume(self) -> None:
        """Draw what came while another page, or a card over it, was shown."""
        # Textual keeps what widgets looked like of which a thousand newer ones were not drawn yet,
        # and each card that is opened and closed has some.
        StylesCache.get_inner_outer.cache_clear()
        self.redraw()

    def show(self, view: View, now: float) -> None:
        """Draw a view; while paused only the age of the last record goes on."""
        self._desk.take(view, now)
        self.redraw()

    def tick(self, now: float) -> None:
        """Let the age of the last record go on."""
        self._desk.now = now
        scene = self._desk.scene(terse=self.has_class("terse"))
        if scene:
            for header in self.query(Header):  # it is gone when the screen is being closed
                header.show(scene)

    def redraw(self) -> None:
        """Draw what is on the desk, here and on what lies over the page."""
        scene = self._desk.scene(terse=self.has_class("terse"))
        if scene:
            fit(self, scene)
            show_scrubber(self, scene)
            for screen in dict.fromkeys((self, *self.app.screen_stack)):
                for panel in panels_of(screen):
                    panel.show(scene)
            self._send()
            if scene.behind:
                self.set_timer(_SOON, self._catch_up)

    def _send(self) -> None:
        """Send what was drawn, now; what has to be laid out before is sent when Textual has.

        Left to Textual it would wait for some messages, and for a sixtieth of a second after the
        frame before: a key is answered sooner. What a slow line has no room for follows later.
        """
        changes = self._layout_required or self._scroll_required or self._repaint_required
        waiting = self._dirty_widgets | self._late
        if not waiting or changes or self.app.screen is not self:
            return
        late = self._painter.take(waiting, self._desk.room())
        self._compositor_refresh()
        if late and not self._late:
            self.set_timer(_LATE, self._send_late)
        self._late = {*late}

    def _send_late(self) -> None:
        """Send what a slow line has room for by now, and see to the rest."""
        late, self._late = self._late, set()
        self._dirty_widgets |= late
        self._send()

    def _on_timer_update(self) -> None:
        """Send what was drawn meanwhile."""
        self._send()
        super()._on_timer_update()

    def _catch_up(self) -> None:
        """Show more runs as they stood then, unless somebody did meanwhile."""
        if self._desk.behind and self.is_current:
            self.redraw()

    def action_maximise(self) -> None:
        """Give the whole middle of the screen to the focused panel, or back to all."""
        if self._maximised:
            self.action_back()
        elif isinstance(self.focused, Panel) and self.focused in self.query("#charts Panel"):
            self._maximised = self.focused
            self._arrange(*self.size[::-1])

    def action_back(self) -> None:
        """Show all panels again, else come back to now."""
        if self._maximised is None and self._desk.moment is not None:
            self._desk.moment = None
            self.redraw()
            return
        self._maximised = None
        self._arrange(*self.size[::-1])

    def action_pause(self) -> None:
        """Hold the screen still, or let it go on."""
        self._desk.pause()
        self.redraw()

    def action_help(self) -> None:
        """Show the keys."""
        from trainmon.ui.screens.help import Help  # noqa: PLC0415 - when it is asked for

        self.app.push_screen(Help(self))

    def action_metrics(self) -> None:
        """Look for a metric by its name."""
        from trainmon.ui.screens.metrics import MetricPicker  # noqa: PLC0415 - as above

        if self._desk.view:
            self.app.push_screen(MetricPicker(self._desk))

    def action_finding(self, by: int) -> None:
        """Open the card of the next or the previous finding."""
        run, choice = self._desk.run, self._desk.choice
        if run and run.findings:
            self._open((choice.finding + by) % len(run.findings) if choice.opened else 0)

    @on(Verdict.Explain)
    def _explain(self) -> None:
        self._open(0)

    @on(FindingsPanel.Opened)
    def _open_finding(self, event: FindingsPanel.Opened) -> None:
        self._open(event.index)

    @on(FindingsPanel.Moved)
    def _move_finding(self, event: FindingsPanel.Moved) -> None:
        self._choose(replace(self._desk.choice, finding=event.index))

    @on(FindingsPanel.Regarded)
    def _regard(self, event: FindingsPanel.Regarded) -> None:
        for key in event.keys:
            self._desk.say(key, event.regard)
        self._tell_notice()
        self.redraw()

    def _say(self, key: Key, regard: Regard) -> None:
        """Say something of a finding, or take it back; the cursor stays on it."""
        if self._desk.say(key, regard):
            self._tell_notice()
            self.redraw()

    def _say_on_card(self, key: Key, regard: Regard) -> None:
        """Say something of a finding, and open its card again."""
        self._say(key, regard)
        self._open(self._desk.choice.finding)

    def _tell_notice(self) -> None:
        if self._desk.notice:
            self.notify(self._desk.notice, severity="warning", markup=False)

    def _open(self, index: int) -> None:
        from trainmon.ui.screens.card import Card  # noqa: PLC0415 - as above

        run = self._desk.run
        if run and index < len(run.findings):
            self._choose(replace(self._desk.choice, finding=index, opened=True))
            scene, finding = self._desk.scene(), run.findings[index]
            if scene:
                card = Card(scene, finding, self.action_finding, self._say_on_card)
                self.app.push_screen(card)

    def _choose(self, choice: Choice) -> None:
        self._desk.choose(choice)
        self.redraw()

    def _arrange(self, height: int, width: int) -> None:
        arrange(self, height, width, self._maximised)
        self.call_after_refresh(self.redraw)


def _needed_first(key: tuple[str, str]) -> bool:
    return key[0] not in _NEEDED
