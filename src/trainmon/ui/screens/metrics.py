"""Every metric of the run by its name: type to filter, enter to see it large."""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from trainmon.ui.charts.cells import shortened, width_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.charts.sparkline import draw_sparkline
from trainmon.ui.curves.curves import curve
from trainmon.ui.desk import Desk
from trainmon.ui.look.themes import ink_styles
from trainmon.ui.metrics.metric_groups import matches
from trainmon.ui.screens.metric_chart import MetricChart

_LISTED = 500
"""Metrics listed at once; with more, the filter narrows them down."""

_NAME = 48
"""Cells of a name; longer ones are cut, and the chart tells them whole."""

_SPARK = 24
"""Cells of the sparkline beside a name."""

_SPARK_POINTS = 4_000
"""Newest values that a sparkline is taken over."""


class MetricPicker(ModalScreen[None]):
    """A filter and the metrics that match it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "close", tooltip="back to the screen"),
        Binding("down", "into_list", "list", show=False, tooltip="to the list"),
    ]
    DEFAULT_CSS = """
    MetricPicker { align: center middle; }
    MetricPicker > Vertical {
        width: 92%; max-width: 108; height: 80%; border: round $primary; background: $surface;
    }
    MetricPicker Input, MetricPicker Input:focus {
        border: none; height: 1; padding: 0 1; background: $panel;
    }
    MetricPicker OptionList { height: 1fr; border: none; background: $surface; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run = desk.run
        self._names = sorted(desk.run.lead.series) if desk.run else []

    def compose(self) -> ComposeResult:
        """Lay out the filter over the list."""
        with Vertical():
            yield Input(placeholder="part of a metric's name", id="filter")
            yield OptionList(id="names", markup=False)

    def on_mount(self) -> None:
        """List everything."""
        self._list("")

    def action_into_list(self) -> None:
        """Give the keys to the list."""
        self.query_one(OptionList).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._list(event.value)

    @on(Input.Submitted)
    def _first(self) -> None:
        names = self.query_one(OptionList)
        option = names.get_option_at_index(names.highlighted or 0)
        if option.id:
            self._open(option.id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._open(str(event.option_id))

    def _open(self, index: str) -> None:
        self.app.push_screen(MetricChart(self._desk, self._names[int(index)]))

    def _list(self, wanted: str) -> None:
        options = self.query_one(OptionList)
        styles = ink_styles(self.app.current_theme)
        matching = [index for index, name in enumerate(self._names) if matches(name, wanted)]
        options.clear_options()
        options.add_options(
            [Option(self._line(self._names[i], styles), id=str(i)) for i in matching[:_LISTED]]
        )
        if not matching:
            options.add_option(Option(Text("no metric is called so"), disabled=True))

    def _line(self, name: str, styles: list[str]) -> Text:
        """Return name, current value and course; a `Text`, since a bare string would be markup."""
        found = curve(self._run, name, self._desk.settings) if self._run else None
        shown = shortened([(name, Ink.TEXT)], _NAME)
        text = Text("".join(piece for piece, _ in shown), no_wrap=True)
        text.append(" " * (_NAME - width_of(shown) + 1))
        if found:
            text.append(f"{number(found.last):>9}  ", Style.parse(styles[Ink.STRONG]))
            spark = draw_sparkline(found.y[-_SPARK_POINTS:], _SPARK, Ink.SIGNAL)
            text.append(spark.text(), Style.parse(styles[Ink.SIGNAL]))
        return text
