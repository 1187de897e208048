"""The keys that take something away from the screen: a picture, the series, a text."""

from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from trainmon.store.lane_view import LaneView
from trainmon.text import clean
from trainmon.ui.keeping.saving import save_picture, save_series
from trainmon.ui.keys.travel_keys import TravelKeys
from trainmon.ui.panels.verdict import first_fix
from trainmon.view import RunView


class KeepingKeys(TravelKeys):
    """A screen with a name, of which pictures are saved in the working folder."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "save_picture", "save", show=False, tooltip="save a picture of the screen"),
        Binding("W", "save_series", "series", show=False, tooltip="save the series as CSV"),
        Binding(
            "c", "copy", "copy", show=False, tooltip="copy the finding under the cursor as text"
        ),
    ]

    called: ClassVar[str]
    """The name of the screen, which leads to it."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - Textual's
        """Call a page as its class is called."""
        super().__init_subclass__(**options)
        cls.called = cls.__name__.lower()

    def action_save_picture(self) -> None:
        """Save a picture of the screen as it is."""
        run = self._desk.run
        try:
            self._tell(save_picture(self._svg(), Path.cwd(), run.name if run else "", self.called))
        except OSError as error:
            self._tell(f"the picture cannot be saved: {error.strerror}", failed=True)

    def action_save_series(self) -> None:
        """Save all series of the run."""
        run = self._desk.run
        if run:
            self._save_series(run.lead, run.name)

    def action_copy(self) -> None:
        """Copy the finding under the cursor, through the terminal to where the person sits."""
        run, at = self._desk.run, self._desk.choice.finding
        if run:
            self.app.copy_to_clipboard(_as_text(run, at))
            self._tell("copied" if run.findings else "copied the name of the run")

    def _svg(self) -> str:
        """Return the screen as a picture; charts that are pictures themselves are drawn as text."""
        pixels = self._desk.pixels
        if pixels is None:
            return self.app.export_screenshot(title="trainmon", simplify=True)
        self._desk.pixels = None
        self.redraw()
        svg = self.app.export_screenshot(title="trainmon", simplify=True)
        self._desk.pixels = pixels
        self.redraw()
        return svg

    @work(thread=True)
    def _save_series(self, lane: LaneView, name: str) -> None:
        """Write the series, which takes seconds for a long log."""
        try:
            told, failed = save_series(lane, Path.cwd(), name), False
        except OSError as error:
            told, failed = f"the series cannot be saved: {error.strerror}", True
        self.app.call_from_thread(self._tell, told, failed=failed)

    def _tell(self, words: str, *, failed: bool = False) -> None:
        self.notify(clean(words), severity="warning" if failed else "information", markup=False)


def _as_text(run: RunView, at: int) -> str:
    """Return a finding as a person would send it on: what, where, since when, what to do."""
    if at >= len(run.findings):
        return f"{run.name} ({run.path})"
    incident = run.findings[at]
    lines = [f"{incident.heading}: {incident.title}"]
    if fix := first_fix(run, incident):
        lines.append(f"to do: {fix}")
    return "\n".join(map(clean, [*lines, f"run: {run.name} ({run.path})"]))
