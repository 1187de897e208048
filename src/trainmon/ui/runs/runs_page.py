"""A page with the list of runs: one is looked at, others are laid over it, a line filters them."""

from dataclasses import replace

from textual import on
from textual.widgets import Input

from trainmon.ui.page import Page
from trainmon.ui.panels.runs import RunsPanel
from trainmon.ui.typed_line import TypedLine

_RUNS = "run-filter"


class RunsPage(Page):
    """What the panel of runs asks for is done here."""

    def run_filter(self) -> TypedLine:
        """Return the line to type in what runs must match, hidden until it is asked for."""
        return TypedLine("a part of a run's name, lr>1e-3, optimizer=adamw, best<0.4", id=_RUNS)

    def action_back(self) -> None:
        """List all runs again, else as on every page."""
        line = self._line
        if line.display or self._desk.choice.run_filter:
            line.clear()
            line.close()
            self._choose(replace(self._desk.choice, run_filter=""))
            self.query_one(RunsPanel).focus()
        else:
            super().action_back()

    @property
    def _line(self) -> TypedLine:
        return self.query_one(f"#{_RUNS}", TypedLine)

    @on(RunsPanel.FilterWanted)
    def _type_filter(self) -> None:
        self._line.open(self._desk.choice.run_filter)

    @on(Input.Changed, f"#{_RUNS}")
    def _filter_runs(self, event: Input.Changed) -> None:
        self._choose(replace(self._desk.choice, run_filter=event.value))

    @on(Input.Submitted, f"#{_RUNS}")
    def _filtered(self) -> None:
        self._line.close()
        self.query_one(RunsPanel).focus()

    @on(RunsPanel.Ordered)
    def _order_runs(self) -> None:
        self._choose(self._desk.choice.with_next_order())

    @on(RunsPanel.Moved)
    def _move_run(self, event: RunsPanel.Moved) -> None:
        self._choose(replace(self._desk.choice, cursor=event.key))

    @on(RunsPanel.Chosen)
    def _choose_run(self, event: RunsPanel.Chosen) -> None:
        self._choose(self._desk.choice.looking_at(event.key))

    @on(RunsPanel.Overlaid)
    def _overlay_run(self, event: RunsPanel.Overlaid) -> None:
        self._choose(self._desk.choice.overlaid(event.key))
